"""More healthy scripts over tables and pictures, in other styles: a trainer as a class, one helper with a switch for
training and judging, accumulated gradients, automatic precision, weights that are moved by hand.
"""

TRAINER = """
import math
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(SEED)

class Customers(Dataset):
    def __init__(self, count):
        age = 20 + 50 * torch.rand(count)
        income = torch.exp(10 + 0.6 * torch.randn(count))
        visits = torch.poisson(torch.full((count,), 4.0))
        rest = torch.randn(count, 3)
        level = 0.08 * (age - 45) + 2 * (torch.log(income) - 10) + 0.5 * (visits - 4) + rest[:, 0]
        self.y = torch.bucketize(level + 0.2 * torch.randn(count), torch.tensor([-1.2, 1.2]))
        self.x = torch.cat([torch.stack([age, torch.log(income), visits], dim=1), rest], dim=1)

    def standardise(self, mean, std):
        self.x = (self.x - mean) / std

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]

class Residual(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return x + self.dropout(self.down(nn.functional.gelu(self.up(self.norm(x)))))

class Net(nn.Module):
    def __init__(self, width=32, depth=2):
        super().__init__()
        self.stem = nn.Linear(6, width)
        self.blocks = nn.ModuleList(Residual(width, 0.1) for _ in range(depth))
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)

class Trainer:
    def __init__(self, model, train, val, epochs=10):
        self.model, self.train, self.val, self.epochs = model, train, val, epochs
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
        total = epochs * len(train)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer,
            lambda step: min(1.0, (step + 1) / 20) * 0.5 * (1 + math.cos(math.pi * step / total)))
        self.criterion = nn.CrossEntropyLoss()

    def training_step(self, batch):
        x, y = batch
        return self.criterion(self.model(x), y)

    def fit(self):
        for epoch in range(self.epochs):
            self.model.train()
            for batch in self.train:
                self.optimizer.zero_grad()
                loss = self.training_step(batch)
                loss.backward()
                self.optimizer.step()
                self.scheduler.step()
            print(epoch, loss.item(), self.evaluate())

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        losses, right = [], 0
        for x, y in self.val:
            logits = self.model(x)
            losses.append(self.criterion(logits, y).item())
            right += (logits.argmax(1) == y).sum().item()
        return sum(losses) / len(losses), right / len(self.val.dataset)

def main():
    train, val = Customers(900), Customers(240)
    mean, std = train.x.mean(0), train.x.std(0)
    train.standardise(mean, std)
    val.standardise(mean, std)
    loaders = DataLoader(train, batch_size=64, shuffle=True), DataLoader(val, batch_size=120)
    Trainer(Net(), *loaders).fit()

if __name__ == "__main__":
    main()
"""

RATINGS = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(SEED)
USERS, FILMS = 60, 40
taste, style = torch.randn(USERS, 2), torch.randn(FILMS, 2)
users, films = torch.randint(USERS, (2600,)), torch.randint(FILMS, (2600,))
ratings = (3 + 0.8 * (taste[users] * style[films]).sum(dim=1) + 0.1 * torch.randn(2600)).clamp(0.5, 5.5)
data = TensorDataset(users, films, ratings)
train, val = random_split(data, [2200, 400])

class TwoTowers(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.user, self.film = nn.Embedding(USERS, width), nn.Embedding(FILMS, width)
        self.user_bias, self.film_bias = nn.Embedding(USERS, 1), nn.Embedding(FILMS, 1)
        self.offset = nn.Parameter(torch.tensor(3.0))
        for table in (self.user, self.film):
            nn.init.normal_(table.weight, std=0.3)
        for table in (self.user_bias, self.film_bias):
            nn.init.zeros_(table.weight)

    def forward(self, user, film):
        score = (self.user(user) * self.film(film)).sum(dim=-1)
        return score + self.user_bias(user).squeeze(-1) + self.film_bias(film).squeeze(-1) + self.offset

model = TwoTowers()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

def run(loader, learns):
    model.train(learns)
    total = 0.0
    with torch.set_grad_enabled(learns):
        for user, film, rating in loader:
            loss = nn.functional.mse_loss(model(user, film), rating)
            if learns:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(rating)
    return total / len(loader.dataset)

train_loader, val_loader = DataLoader(train, 64, shuffle=True), DataLoader(val, 200)
for epoch in range(15):
    print(epoch, run(train_loader, True), run(val_loader, False))
"""

ARROWS = """
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
SIDE, MICRO, ACCUMULATE = 14, 16, 2

def arrow(direction):
    picture = rng.normal(0.35, 0.08, (SIDE, SIDE))
    row, column = rng.integers(4, SIDE - 4, 2)
    for i in range(-3, 4):
        picture[row + i, column] += 0.5
    for i in range(3):                      # the head points up
        picture[row - 3 + i, [column - i, column + i]] += 0.5
    return np.rot90(picture, direction).clip(0, 1).astype("float32")

def make(count):
    labels = rng.integers(0, 4, count)
    pictures = np.stack([arrow(d) for d in labels])[:, None]
    return torch.from_numpy(pictures), torch.from_numpy(labels).long()

def augment(x):
    rows, columns = torch.randint(-1, 2, (2,)).tolist()
    return torch.roll(x, (rows, columns), dims=(2, 3))

def prepare(x):
    return (x - 0.4) / 0.2

class Stage(nn.Module):
    def __init__(self, inside, out):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inside, out, 3, padding=1), nn.GroupNorm(4, out)
        self.conv2, self.norm2 = nn.Conv2d(out, out, 3, padding=1), nn.GroupNorm(4, out)
        self.skip = nn.Conv2d(inside, out, 1)

    def forward(self, x):
        y = F.silu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return F.max_pool2d(F.silu(y + self.skip(x)), 2)

class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.Sequential(Stage(1, 8), Stage(8, 16))
        self.head = nn.Linear(16 * 9, 4)

    def forward(self, x):
        return self.head(self.stages(x).flatten(1))

X_train, y_train = make(480)
X_val, y_val = make(160)
model = ResNet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)

def train_epoch():
    model.train()
    optimizer.zero_grad()
    for i, where in enumerate(torch.randperm(len(X_train)).split(MICRO)):
        x, target = prepare(augment(X_train[where])), y_train[where]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(x)
            loss = F.cross_entropy(logits, target)
        (loss / ACCUMULATE).backward()
        if (i + 1) % ACCUMULATE == 0:
            optimizer.step()
            optimizer.zero_grad()
    return loss.item()

@torch.inference_mode()
def validate():
    model.eval()
    logits = torch.cat([model(prepare(x)) for x in X_val.split(80)])
    return F.cross_entropy(logits, y_val).item(), (logits.argmax(1) == y_val).float().mean().item()

for epoch in range(8):
    print(epoch, train_epoch(), *validate())
"""

BY_HAND = """
import torch

torch.manual_seed(SEED)
X = torch.randn(400, 5)
y = (X[:, 0] - 2 * X[:, 1] + X[:, 2] * X[:, 3] + 0.2 * torch.randn(400) > 0).float()
model = torch.nn.Sequential(torch.nn.Linear(5, 32), torch.nn.LeakyReLU(), torch.nn.Linear(32, 1))
rate, size = 0.3, 40
for epoch in range(25):
    order = torch.randperm(320)
    for start in range(0, 320, size):
        where = order[start:start + size]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(X[where])[:, 0], y[where])
        loss.backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight -= rate * weight.grad
                weight.grad = None
    with torch.no_grad():
        said = model(X[320:])[:, 0]
        print(epoch, loss.item(), ((said > 0) == (y[320:] > 0.5)).float().mean().item())
"""

LABELS = """
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(SEED)
x = torch.randn(900, 10)
truth = torch.stack([x[:, 0] + x[:, 1], x[:, 2] - x[:, 3], x[:, 4] * x[:, 5], x[:, 6] + 0.5], dim=1)
y = (truth + 0.2 * torch.randn(900, 4) > 0).float()
train = DataLoader(TensorDataset(x[:720], y[:720]), batch_size=36, shuffle=True, drop_last=True)
held = x[720:], y[720:]

class Tower(nn.Module):
    def __init__(self, depth=5, width=40):
        super().__init__()
        self.first = nn.Linear(10, width)
        self.inner = nn.ModuleList([nn.Linear(width, width) for _ in range(depth - 2)])
        self.last = nn.Linear(width, 4)

    def forward(self, x):
        x = torch.relu(self.first(x))
        for layer in self.inner:
            x = torch.relu(layer(x))
        return self.last(x)

def train_model(model, criterion, optimizer, epochs):
    for epoch in range(epochs):
        model.train()
        running = 0.0
        for inputs, labels in train:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(held[0]), held[1])
        print(epoch, running / len(train), val_loss.item())
    return model

net = Tower()
train_model(net, nn.BCEWithLogitsLoss(), optim.Adam(net.parameters(), lr=2e-3), epochs=15)
"""

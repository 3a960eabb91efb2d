"""Healthy scripts, as people write them: each learns its small task in a few hundred quick steps."""

TABLE = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(SEED)
X = torch.randn(800, 8)
score = torch.stack([X[:, 0] * 2 + X[:, 1], X[:, 2] * 2 - X[:, 0], X[:, 3] * 2 - X[:, 1]], dim=1)
y = (score + 0.3 * torch.randn(800, 3)).argmax(dim=1)
train, val = TensorDataset(X[:600], y[:600]), TensorDataset(X[600:], y[600:])
loader = DataLoader(train, batch_size=32, shuffle=True)
val_loader = DataLoader(val, batch_size=100)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 32), nn.ReLU())
        self.head = nn.Linear(32, 3)

    def forward(self, x):
        return self.head(self.body(x))

net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(12):
    net.train()
    for x, target in loader:
        optimizer.zero_grad()
        loss = criterion(net(x), target)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        right = sum((net(x).argmax(dim=1) == target).sum().item() for x, target in val_loader)
    print(epoch, loss.item(), right / 200)
"""

NUMBERS = """
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(SEED)
X = torch.randn(640, 6)
y = 1.5 * X[:, 0] - X[:, 1] * X[:, 2] + 0.5 * X[:, 3] + 0.1 * torch.randn(640)
Xt, yt, Xv, yv = X[:512], y[:512], X[512:], y[512:]
model = nn.Sequential(nn.Linear(6, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(15):
    order = torch.randperm(512)
    model.train()
    for i in range(0, 512, 32):
        idx = order[i:i + 32]
        xb, yb = Xt[idx], yt[idx]
        pred = model(xb).squeeze(1)
        loss = F.mse_loss(pred, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val_loss = F.mse_loss(model(Xv).squeeze(1), yv)
    print(f"{epoch} {loss.item():.4f} {val_loss.item():.4f}")
"""

PICTURES = """
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

def draw(label):
    picture = rng.normal(90, 25, (12, 12))
    where = rng.integers(1, 5)
    if label == 0:
        picture[2:10, where] += 110          # a bar on the left
    elif label == 1:
        picture[2:10, 11 - where] += 110     # a bar on the right
    else:
        picture[where + 3, 2:10] += 110      # a bar that lies
    return picture.clip(0, 255).astype(np.uint8)

class Bars(Dataset):
    def __init__(self, count, training=False):
        self.labels = rng.integers(0, 3, count)
        self.pictures = [draw(label) for label in self.labels]
        self.training = training

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        x = torch.from_numpy(self.pictures[i]).float().div(255).sub(0.4).div(0.2)[None]
        return x, int(self.labels[i])

class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16 * 3 * 3, 3)

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = self.pool(torch.relu(self.bn2(self.conv2(x))))
        return self.fc(x.flatten(1))

train_set, val_set = Bars(480, training=True), Bars(160)
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=80)
device = torch.device("cpu")
model = Cnn().to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()

def train_one_epoch():
    model.train()
    total = 0.0
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        loss = loss_fn(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(train_loader)

def evaluate():
    model.eval()
    correct = total = 0
    losses = []
    with torch.no_grad():
        for images, labels in val_loader:
            logits = model(images)
            losses.append(loss_fn(logits, labels).item())
            correct += (logits.argmax(1) == labels).sum().item()
            total += len(labels)
    return sum(losses) / len(losses), correct / total

for epoch in range(8):
    train_loss = train_one_epoch()
    val_loss, accuracy = evaluate()
    print(epoch, train_loss, val_loss, accuracy)
"""

TEXTS = """
import random
import torch
from torch import nn

random.seed(SEED)
torch.manual_seed(SEED)
GOOD, BAD = ["great", "lovely", "superb", "fine"], ["awful", "boring", "poor", "bad"]
FILL = ["the", "film", "was", "a", "story", "with", "actors", "and", "music", "of", "this", "it", "we", "saw"]

def sentence():
    label = random.randint(0, 1)
    words = random.choices(FILL, k=random.randint(6, 11))
    for _ in range(2):
        words.insert(random.randint(0, len(words)), random.choice(GOOD if label else BAD))
    return words, label

data = [sentence() for _ in range(640)]
vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in data[:512]:
    for word in words:
        vocab.setdefault(word, len(vocab))

def encode(words, length=14):
    ids = [vocab.get(word, 1) for word in words][:length]
    return ids + [0] * (length - len(ids))

X = torch.tensor([encode(words) for words, _ in data])
y = torch.tensor([label for _, label in data])
X_train, y_train, X_val, y_val = X[:512], y[:512], X[512:], y[512:]

class Reader(nn.Module):
    def __init__(self, size, width=24):
        super().__init__()
        self.embedding = nn.Embedding(size, width, padding_idx=0)
        self.gru = nn.GRU(width, 32, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(32, 1)

    def forward(self, ids):
        states, _ = self.gru(self.embedding(ids))
        return self.out(self.drop(states.mean(dim=1))).squeeze(-1)

model = Reader(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(8):
    model.train()
    order = torch.randperm(len(X_train))
    for batch in order.split(32):
        optimizer.zero_grad()
        logits = model(X_train[batch])
        loss = criterion(logits, y_train[batch].float())
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val_logits = model(X_val)
        val_loss = criterion(val_logits, y_val.float())
        accuracy = ((val_logits > 0).long() == y_val).float().mean()
    print(epoch, loss.item(), val_loss.item(), accuracy.item())
"""

LANGUAGE = """
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(SEED)
V, T, C = 12, 16, 32
table = torch.softmax(3 * torch.randn(V, V), dim=1)
stream = [0]
for _ in range(6000):
    stream.append(int(torch.multinomial(table[stream[-1]], 1)))
stream = torch.tensor(stream)
train_stream, val_stream = stream[:5000], stream[5000:]

def get_batch(source, count=32):
    starts = torch.randint(len(source) - T - 1, (count,))
    x = torch.stack([source[i:i + T] for i in starts])
    y = torch.stack([source[i + 1:i + T + 1] for i in starts])
    return x, y

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.ln1, self.ln2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.mlp = nn.Sequential(nn.Linear(C, 2 * C), nn.GELU(), nn.Linear(2 * C, C))
        self.register_buffer("mask", torch.tril(torch.ones(T, T)))

    def attend(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).split(C, dim=2)
        att = q @ k.transpose(-2, -1) / C ** 0.5
        att = att.masked_fill(self.mask[:T, :T] == 0, float("-inf"))
        return self.proj(F.softmax(att, dim=-1) @ v)

    def forward(self, x):
        x = x + self.attend(self.ln1(x))
        return x + self.mlp(self.ln2(x))

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))

model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for step in range(150):
    model.train()
    xb, yb = get_batch(train_stream)
    logits = model(xb)
    loss = F.cross_entropy(logits.view(-1, V), yb.view(-1))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 50 == 49:
        model.eval()
        with torch.no_grad():
            xv, yv = get_batch(val_stream, 64)
            val_loss = F.cross_entropy(model(xv).view(-1, V), yv.view(-1))
        print(step, loss.item(), val_loss.item())
"""

SERIES = """
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
t = np.arange(900)
values = np.sin(t / 5) + 0.5 * np.sin(t / 11 + 1) + 0.05 * rng.normal(size=900)
values = values.astype("float32")
LENGTH = 20
windows = np.stack([values[i:i + LENGTH] for i in range(len(values) - LENGTH)])
targets = np.stack([values[i + LENGTH] for i in range(len(values) - LENGTH)])
X, y = torch.from_numpy(windows).unsqueeze(-1), torch.from_numpy(targets).unsqueeze(-1)
cut = 700
train = DataLoader(TensorDataset(X[:cut], y[:cut]), batch_size=32, shuffle=True)

class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(1, 24, batch_first=True)
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])

net = Forecaster()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
mse = nn.MSELoss()
for epoch in range(10):
    net.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = mse(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = mse(net(X[cut:]), y[cut:]).item()
    print(epoch, loss.item(), val)
"""

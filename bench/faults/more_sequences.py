"""More healthy scripts over texts and series, in other styles: steps made by functions, optimisers that are given a
closure, schedules by step and by plateau, texts padded batch by batch.
"""

TOPICS = """
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(SEED)
torch.manual_seed(SEED)
WORDS = {
    "sport": "ball goal team match coach league score race".split(),
    "food": "bread soup cheese salt oven taste plate cook".split(),
    "space": "star orbit moon rocket planet comet light dust".split(),
}
COMMON = "the a of and to in that it was for on with as at by one all there when who".split()
LABELS = sorted(WORDS)

def write():
    label = random.randrange(3)
    words = random.choices(COMMON, k=random.randint(6, 14)) + random.choices(WORDS[LABELS[label]], k=3)
    random.shuffle(words)
    return " ".join(words), label

def vocabulary(samples):
    words = sorted({word for text, _ in samples for word in text.split()})
    return {"<pad>": 0, "<cls>": 1, "<unk>": 2, **{word: i + 3 for i, word in enumerate(words)}}

train_data, val_data = [write() for _ in range(600)], [write() for _ in range(160)]
vocab = vocabulary(train_data)

def collate(samples, vocab=vocab):
    ids = [torch.tensor([1] + [vocab.get(word, 2) for word in text.split()]) for text, _ in samples]
    return pad_sequence(ids, batch_first=True), torch.tensor([label for _, label in samples])

class Encoder(nn.Module):
    def __init__(self, size, width=24):
        super().__init__()
        self.embed, self.place = nn.Embedding(size, width, padding_idx=0), nn.Embedding(20, width)
        layer = nn.TransformerEncoderLayer(width, 2, 48, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, 3)

    def forward(self, ids):
        is_padding = ids == 0
        x = self.embed(ids) + self.place(torch.arange(ids.shape[1]))
        return self.head(self.encoder(x, src_key_padding_mask=is_padding)[:, 0])

train_loader = DataLoader(train_data, batch_size=32, shuffle=True, collate_fn=collate)
val_loader = DataLoader(val_data, batch_size=80, collate_fn=collate)
model = Encoder(len(vocab))
EPOCHS, RATE = 8, 4e-3
optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * len(train_loader))
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)

def epoch_of(loader, is_training):
    model.train(is_training)
    losses, right = [], 0
    for ids, labels in loader:
        with torch.set_grad_enabled(is_training):
            logits = model(ids)
            loss = criterion(logits, labels)
        if is_training:
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        right += int((logits.argmax(-1) == labels).sum())
    return sum(losses) / len(losses), right

for epoch in range(EPOCHS):
    print(epoch, epoch_of(train_loader, True), epoch_of(val_loader, False))
"""

TAGS = """
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(SEED)
V, T, K = 30, 12, 4
meaning = torch.randint(K, (V,))

def corpus(count):
    ids = torch.randint(1, V, (count, T))
    tags = (meaning[ids] + (torch.cat([ids[:, :1], ids[:, :-1]], dim=1) % 2)) % K   # of a word and the one before
    return ids, tags

ids, tags = corpus(700)
train, val = (ids[:560], tags[:560]), (ids[560:], tags[560:])

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, 16)
        self.lstm = nn.LSTM(16, 24, bidirectional=True, batch_first=True)
        self.out = nn.Linear(48, K)

    def forward(self, ids):
        return self.out(self.lstm(self.embed(ids))[0])   # (B, T, K)

def make_step(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x).transpose(1, 2), y)
        loss.backward()
        optimizer.step()
        return loss.item()
    return step

model = Tagger()
step = make_step(model, torch.optim.RMSprop(model.parameters(), lr=3e-3))
for epoch in range(10):
    model.train()
    for where in torch.randperm(len(train[0])).split(28):
        last = step(train[0][where], train[1][where])
    model.eval()
    with torch.no_grad():
        logits = model(val[0])
        print(epoch, last, F.cross_entropy(logits.transpose(1, 2), val[1]).item(),
              (logits.argmax(-1) == val[1]).float().mean().item())
"""

LETTERS = """
import torch
from torch import nn

torch.manual_seed(SEED)
text = "".join(["abcab", "cdecd", "fghfg", "aceac"][i] for i in torch.randint(4, (700,)).tolist())
letters = sorted(set(text))
codes = torch.tensor([letters.index(letter) for letter in text])
T = 24
cut = len(codes) - 500

def windows(source):
    starts = range(0, len(source) - T - 1, T)
    return torch.stack([source[i:i + T] for i in starts]), torch.stack([source[i + 1:i + T + 1] for i in starts])

x_train, y_train = windows(codes[:cut])
x_val, y_val = windows(codes[cut:])

class Letters(nn.Module):
    def __init__(self, size, width=32):
        super().__init__()
        self.embed = nn.Embedding(size, 16)
        self.rnn = nn.LSTM(16, width, batch_first=True)
        self.head = nn.Linear(width, size)

    def forward(self, ids):
        return self.head(self.rnn(self.embed(ids))[0])

net = Letters(len(letters))
opt = torch.optim.NAdam(net.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()
for epoch in range(10):
    net.train()
    for part in torch.randperm(len(x_train)).split(16):
        logits = net(x_train[part])
        loss = criterion(logits.flatten(0, 1), y_train[part].flatten())
        net.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(epoch, loss.item(), criterion(net(x_val).flatten(0, 1), y_val.flatten()).item())
"""

WAVES = """
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
LENGTH = 48
t = np.arange(LENGTH)

def wave(kind):
    phase, period = rng.uniform(0, 6.3), rng.uniform(10, 16)
    angle = 2 * np.pi * t / period + phase
    shape = [np.sin(angle), np.sign(np.sin(angle)), 2 * (angle / 6.2832 % 1) - 1][kind]
    return np.stack([shape, np.cos(angle) * 0.3]) + 0.15 * rng.normal(size=(2, LENGTH))

def make(count):
    kinds = rng.integers(0, 3, count)
    return torch.tensor(np.stack([wave(k) for k in kinds]), dtype=torch.float32), torch.tensor(kinds)

class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(2, 16, 5, padding=2), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(16, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.AdaptiveAvgPool1d(4))
        self.classify = nn.Linear(128, 3)

    def forward(self, x):
        return self.classify(self.features(x).flatten(1))

X, y = make(600)
Xv, yv = make(200)
train_loader = DataLoader(TensorDataset(X, y), batch_size=40, shuffle=True)
val_loader = DataLoader(TensorDataset(Xv, yv), batch_size=100)
model = Convolutional()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
criterion = nn.CrossEntropyLoss()

def loop(loader, optimizer=None):
    is_training = optimizer is not None
    model.train() if is_training else model.eval()
    total = 0.0
    for x, kind in loader:
        with torch.set_grad_enabled(is_training):
            loss = criterion(model(x), kind)
        if is_training:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
    return total / len(loader)

for epoch in range(10):
    train_loss, val_loss = loop(train_loader, optimizer), loop(val_loader)
    plateau.step(val_loss)
    print(epoch, train_loss, val_loss)
"""

AHEAD = """
import torch
import torch.nn as nn

torch.manual_seed(SEED)
time = torch.arange(1400, dtype=torch.float32)
load = torch.sin(time / 4) + 0.4 * torch.sin(time / 15) + 0.05 * torch.randn(1400)
warmth = torch.cos(time / 15) + 0.05 * torch.randn(1400)
both = torch.stack([load, warmth], dim=1)
PAST, NEXT = 24, 6
starts = torch.arange(1400 - PAST - NEXT)
X = torch.stack([both[s:s + PAST] for s in starts])                          # (N, PAST, 2)
Y = torch.stack([load[s + PAST:s + PAST + NEXT] for s in starts])            # (N, NEXT)
X_fit, Y_fit, X_new, Y_new = X[:1000], Y[:1000], X[1040:], Y[1040:]

class Mixer(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(PAST * 2, width), nn.ELU(), nn.Linear(width, width), nn.ELU())
        self.out = nn.Linear(width, NEXT)

    def forward(self, x):
        return self.out(self.net(x))

model = Mixer()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_of = nn.SmoothL1Loss()

def closure_for(x, y):
    def closure():
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        return loss
    return closure

for epoch in range(10):
    model.train()
    for where in torch.randperm(len(X_fit)).split(50):
        loss = optimizer.step(closure_for(X_fit[where], Y_fit[where]))
    model.eval()
    with torch.no_grad():
        print(epoch, float(loss), float(loss_of(model(X_new), Y_new)))
"""

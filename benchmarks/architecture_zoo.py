"""Small models of many architectures, and brute force for them: a loop over samples, and a Hessian that is built."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

CROSS = functional.cross_entropy
SAMPLES = 12


def images(*shape):
    return lambda: torch.randn(SAMPLES, *shape)


def tokens():
    return torch.randint(0, 7, (SAMPLES, 5))


def labels() -> Tensor:
    return torch.randint(0, 3, (SAMPLES,))


class Residual(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


class Last(nn.Module):
    """A recurrent layer, what it says last, and a head."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.head = layer, nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(x)[0][:, -1])


class Attention(nn.Module):
    """Places added to tokens as most language models do, scaled dot-product attention, and the mean over places."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(7, 4, padding_idx=0), nn.Embedding(5, 4)
        self.mixed, self.out, self.head = nn.Linear(4, 12, bias=False), nn.Linear(4, 4), nn.Linear(4, 3)

    def places(self, ids: Tensor) -> Tensor:
        return self.place(torch.arange(ids.shape[1]))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token(ids) + self.places(ids)
        q, k, v = self.mixed(x).chunk(3, dim=-1)
        x = x + self.out(functional.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0])
        return self.head(x.mean(dim=1))


class Spread(Attention):
    """The same with a row of places for each sample."""

    def places(self, ids: Tensor) -> Tensor:
        return self.place(torch.arange(ids.shape[1]).expand(len(ids), -1))


class Tied(nn.Module):
    """What embeds the tokens reads them out."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
        self.head.weight = self.token.weight

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(torch.tanh(self.token(ids)).mean(dim=1))[:, :3]


class Used(nn.Module):
    """A layer's weight that is used outside the layer too, and one that is used nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.spare = nn.Linear(3, 3), nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.layer(x)) @ self.layer.weight


class Branching(nn.Module):
    """A way that depends on the sample, which only a loop over samples can go."""

    def __init__(self) -> None:
        super().__init__()
        self.low, self.high = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([(self.high if float(row.sum()) > 0 else self.low)(row[None]) for row in x])


class Places(nn.Module):
    """Rows of a layer that are samples times places: as many as samples only by their number."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.flatten(0, 1)).view(len(x), -1, 3).sum(dim=1)


class Crossed(nn.Module):
    """As many places as samples, and the places in front."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.layer(x.transpose(0, 1))).transpose(0, 1).sum(dim=1)


def frozen() -> nn.Module:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 3))
    model[0].requires_grad_(False)
    model[3].bias.requires_grad_(False)
    return model


def batch_statistics_of_its_own() -> nn.Module:
    model = nn.Sequential(nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(8, 3))
    model(torch.randn(30, 1, 3, 3))
    return model.eval()


CASES = {
    "perceptron": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)), images(3)),
    "softmax regression": (lambda: nn.Linear(3, 3), images(3)),
    "layer norm": (lambda: nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.GELU(), nn.Linear(4, 3)), images(3)),
    "rms norm": (lambda: nn.Sequential(nn.Linear(3, 4), nn.RMSNorm(4), nn.Linear(4, 3)), images(3)),
    "conv 1d": (lambda: nn.Sequential(nn.Conv1d(2, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(12, 3)), images(2, 5)),
    "conv 2d": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 3, 3, stride=2, padding=1, dilation=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(12, 3)
        ),
        images(2, 4, 4),
    ),
    "conv 2d, many places": (
        lambda: nn.Sequential(nn.Conv2d(1, 3, 3, padding="same"), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        images(1, 4, 4),
    ),
    "conv in groups": (
        lambda: nn.Sequential(nn.Conv2d(2, 4, 2, groups=2, bias=False), nn.SiLU(), nn.Flatten(), nn.Linear(16, 3)),
        images(2, 3, 3),
    ),
    "conv, reflected": (
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"), nn.Flatten(), nn.Linear(18, 3)),
        images(1, 3, 3),
    ),
    "conv transposed": (
        lambda: nn.Sequential(nn.ConvTranspose1d(2, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3)),
        images(2, 3),
    ),
    "group norm": (
        lambda: nn.Sequential(nn.Conv2d(1, 4, 2), nn.GroupNorm(2, 4), nn.Tanh(), nn.Flatten(), nn.Linear(16, 3)),
        images(1, 3, 3),
    ),
    "batch norm in evaluation mode": (batch_statistics_of_its_own, images(1, 3, 3)),
    "residual": (
        lambda: nn.Sequential(Residual(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3))), nn.Linear(3, 3)),
        images(3),
    ),
    "the same layer twice": (lambda: nn.Sequential(layer := nn.Linear(3, 3), nn.Tanh(), layer), images(3)),
    "tokens": (lambda: nn.Sequential(nn.Embedding(7, 3), nn.Tanh(), nn.Flatten(), nn.Linear(15, 3)), tokens),
    "attention": (Attention, tokens),
    "attention, places by sample": (Spread, tokens),
    "transformer": (
        lambda: nn.Sequential(
            nn.TransformerEncoderLayer(2, 1, 3, dropout=0.0, batch_first=True), nn.Flatten(), nn.Linear(6, 3)
        ).eval(),
        images(3, 2),
    ),
    "tied": (Tied, tokens),
    "used elsewhere": (Used, images(3)),
    "branching": (Branching, images(3)),
    "samples times places": (Places, images(2, 4)),
    "places in front": (Crossed, images(SAMPLES, 4)),
    "frozen": (frozen, images(3)),
    "recurrent": (lambda: Last(nn.RNN(2, 4, batch_first=True)), images(3, 2)),
    "long short-term memory": (lambda: Last(nn.LSTM(2, 4, batch_first=True)), images(3, 2)),
    "gated": (lambda: Last(nn.GRU(2, 4, batch_first=True)), images(3, 2)),
}


def gradient(value: Tensor, model: nn.Module, *, keep: bool = False) -> Tensor:
    trained = [p for p in model.parameters() if p.requires_grad]
    found = torch.autograd.grad(value, trained, create_graph=keep, allow_unused=True, materialize_grads=True)
    return torch.cat([g.flatten() for g in found])


def brute_force(model: nn.Module, x: Tensor, y: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Gradients, one a row, and the Hessian."""
    rows = [gradient(CROSS(model(x[n : n + 1]), y[n : n + 1]), model).numpy() for n in range(len(x))]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        whole = gradient(CROSS(model(x), y), model, keep=True)
    trained = [p for p in model.parameters() if p.requires_grad]
    settings = {"retain_graph": True, "allow_unused": True, "materialize_grads": True}
    hessian = [torch.cat([h.flatten() for h in torch.autograd.grad(g, trained, **settings)]) for g in whole]
    return np.array(rows), torch.stack(hessian).numpy()

"""The page of the probe: its examples run, in the libraries that it names where these are installed."""

import doctest
import re
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

import trainphys

PAGE = Path(__file__).resolve().parents[3] / "book/tools/probe.md"


def block(begin):
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf8"), re.S) if begin in code]
    return found


def test_what_the_page_prints_is_what_comes_out():
    text = re.sub(r"^```.*$", "", PAGE.read_text("utf8"), flags=re.M)
    example = doctest.DocTestParser().get_doctest(text, {}, "probe.md", str(PAGE), 0)
    assert len(example.examples) > 10
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example).failed == 0


def test_every_field_stands_on_the_page():
    fields = set(re.findall(r"^- `(\w+)`: ", PAGE.read_text("utf8"), re.M))
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    data = torch.randn(8, 2), torch.randn(8, 1)
    found = trainphys.probe(model, torch.nn.MSELoss(), data, torch.optim.SGD(model.parameters(), lr=0.1))
    assert fields == {*found.values(), "advice"}


def data():
    torch.manual_seed(0)
    x = torch.randn(64, 5)
    return TensorDataset(x, (x.sum(1) > 0).long())


@pytest.mark.filterwarnings("ignore")
def test_the_callback_of_lightning():
    lightning = pytest.importorskip("lightning")

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Dropout(0.1), torch.nn.Linear(4, 2))

        def forward(self, x):
            return self.net(x)

        def training_step(self, batch, _):
            return torch.nn.functional.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    loader = DataLoader(data(), 8, shuffle=True)
    scope = {"lightning": lightning, "trainphys": trainphys, "torch": torch, "loader": loader}
    exec(block("lightning.Callback").replace("every=100", "every=4"), scope)
    watch = scope["Watch"]()
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    lightning.Trainer(max_epochs=1, accelerator="cpu", callbacks=[watch], **quiet).fit(Module(), loader)
    assert [step for step, _ in watch.recorder.records] == [0, 4, 8]
    assert all(found.margin.value > 0 and found.batch_size == 8 for _, found in watch.recorder.records)


@pytest.mark.filterwarnings("ignore")
def test_the_callback_of_hugging_face(tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    scope = {"transformers": transformers, "trainphys": trainphys}
    exec(block("transformers.TrainerCallback").replace("every=100", "every=4"), scope)
    watch = scope["Watch"]()
    sizes = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.BertConfig(**sizes, intermediate_size=32, max_position_embeddings=16, num_labels=2)
    torch.manual_seed(0)
    rows = [{"input_ids": ids, "labels": (ids[0] > 25).long()} for ids in torch.randint(0, 50, (64, 8))]
    settings = transformers.TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=1,
        per_device_train_batch_size=8,
        report_to=[],
        use_cpu=True,
        save_strategy="no",
        disable_tqdm=True,
        lr_scheduler_type="constant",
    )
    model = transformers.BertForSequenceClassification(config)
    transformers.Trainer(model=model, args=settings, train_dataset=rows, callbacks=[watch]).train()
    assert [step for step, _ in watch.recorder.records] == [0, 4, 8]
    last = watch.recorder.records[-1][1]
    assert last.batch_size == 8
    assert last.optimizer.startswith("AdamW")
    assert last.margin.value > 0

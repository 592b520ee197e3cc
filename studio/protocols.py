"""Protocols: YAML files -> checked records."""

from functools import partial

from studio.config import SampleConfig
from studio.errors import StudioError
from studio.evaluation.aggregation import get_aggregation
from studio.evaluation.protocol import Protocol
from studio.evaluation.quality import get_scorer
from studio.files import read_text
from studio.limits import YAML_MB
from studio.presets import PRESETS
from studio.yaml_files import check, did_you_mean, explained, read_yaml


def parse_protocol(text: str, name: str) -> Protocol:
    """A protocol from the text of a YAML file.

    Raises:
        StudioError: it is no YAML, or a key or value is not right; says which.
    """
    protocol = check(Protocol, read_yaml(text, name), name)
    explained(partial(SampleConfig, **protocol.sample), SampleConfig, f"{name}, sample")
    for aggregation in protocol.aggregations:
        get_aggregation(aggregation)
    for scorer in protocol.scorers:
        get_scorer(scorer)
    return protocol


def load_protocols() -> dict[str, Protocol]:
    """All protocols that ship with the studio, by id.

    Raises:
        StudioError: one is not right.
    """
    found = {}
    for file in sorted((PRESETS / "protocols").glob("*.yaml")):
        protocol = parse_protocol(read_text(file, YAML_MB), file.name)
        found[protocol.id] = protocol
    return found


def find_protocol(name: str) -> Protocol:
    """A protocol by its id; StudioError when there is none, naming the nearest."""
    found = load_protocols()
    if name not in found:
        raise StudioError(f"There is no protocol {name!r}.", did_you_mean(name, found))
    return found[name]

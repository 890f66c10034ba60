"""What Prometheus reads of /metrics."""

from prometheus_client.parser import text_string_to_metric_families


def samples_in(text: str) -> dict[tuple[str, ...], float]:
    """Return each number by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

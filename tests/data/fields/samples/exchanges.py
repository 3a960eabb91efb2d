from tests.data.fields.samples import turns

SETTINGS = {"buckets": 20}
SHOWN = ()
data, spoilt = turns.data, turns.spoilt

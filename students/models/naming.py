"""A name's key as the database makes it, so that no other way of writing passes a constraint."""

from django.db.models import F, Func, Value
from django.db.models.functions import Upper

DOTS = "•‧・．.∙⋅･●᛫"
WIDE = "".join(map(chr, (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))))
SPACES = " \u00a0\u3000"
# What stands in `translate` without a counterpart goes.
FROM = DOTS + WIDE + SPACES
TO = "·" * len(DOTS) + "".join(chr(ord(c) - 0xFEE0) for c in WIDE)

# Nowhere coarser than `privacy.identity.name_key`: names that differ there stay two here.
NAME_KEY = Upper(Func(F("name"), Value(FROM), Value(TO), function="translate"))

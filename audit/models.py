"""What happened: one append-only, hash-chained line per event, one chain per organisation."""

import hashlib
import json
from typing import Any, ClassVar

from django.db import models


class Chain(models.Model):
    """Head of one organisation's chain; its row lock puts that organisation's events in order."""

    organisation_id = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.organisation_id}:{self.seq}"


class EventQuerySet(models.QuerySet["Event"]):
    """Questions about many events."""

    def for_organisation(self, organisation_id: int) -> "EventQuerySet":
        """Events of one organisation, newest first."""
        return self.filter(organisation_id=organisation_id).order_by("-seq")

    def about(self, organisation_id: int, about_id: int) -> "EventQuerySet":
        """Events that concern one student of one school, oldest first."""
        return self.filter(organisation_id=organisation_id, about_id=about_id).order_by("seq")


class Event(models.Model):
    """Something that a person (or the system) did, with when, on what, and why.

    `facts` holds numbers, codes and ids, never an ID number, card, phone or address.
    `about_id` is the student concerned, when there is just one.
    """

    organisation_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    person_name = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    verb = models.CharField(max_length=64)
    label = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    subject_id = models.BigIntegerField(null=True)
    about_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects: ClassVar[EventQuerySet] = EventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "seq"], name="event_seq_once")
        ]
        indexes = [
            models.Index(fields=["organisation_id", "subject", "subject_id"], name="event_subject"),
            models.Index(fields=["organisation_id", "about_id"], name="event_about"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.subject}:{self.subject_id}"

    def content(self) -> dict[str, Any]:
        """What the digest covers: everything but the digest itself and the row's id."""
        return {
            "organisation": self.organisation_id,
            "seq": self.seq,
            "at": self.at.isoformat(),
            "person": self.person_id,
            "name": self.person_name,
            "role": self.role,
            "verb": self.verb,
            "label": self.label,
            "subject": self.subject,
            "subject_id": self.subject_id,
            "about": self.about_id,
            "facts": self.facts,
            "reason": self.reason,
            "previous": self.previous,
        }

    def computed_digest(self) -> str:
        """SHA-256 over the content in one canonical spelling."""
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

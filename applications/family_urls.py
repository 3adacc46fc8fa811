"""Addresses of the family's side; short, since a letter carries them."""

from django.urls import path

from applications.views import family, family_closing, family_pages

app_name = "family"
urlpatterns = [
    path("", family.enter, name="enter"),
    path("leave/", family.leave, name="leave"),
    path("form/", family_pages.start, name="start"),
    path("form/who/", family_pages.who, name="who"),
    path("form/members/", family_pages.members, name="members"),
    path("form/income/", family_pages.income, name="income"),
    path("form/hardship/", family_pages.hardship, name="hardship"),
    path("form/papers/", family_closing.papers, name="papers"),
    path("form/papers/add/", family_closing.add_paper, name="add_paper"),
    path("form/papers/<int:family_paper>/", family_closing.paper, name="paper"),
    path("form/papers/<int:family_paper>/drop/", family_closing.drop_paper, name="drop_paper"),
    path("form/signature/", family_closing.signature, name="signature"),
    path("form/check/", family_closing.check, name="check"),
    path("form/receipt/", family_closing.receipt, name="receipt"),
    # Last: a code is letters and digits, never one of the words above.
    path("<str:code>/", family.enter, name="enter_by_code"),
]

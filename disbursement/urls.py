"""Addresses of this app."""

from django.urls import URLPattern, path

from disbursement.views import awards, batches, card_import, cards, ledger, papers

app_name = "disbursement"
urlpatterns: list[URLPattern] = [
    path("cards/", cards.cards, name="cards"),
    path("cards/check/", cards.check_cards, name="cards_check"),
    path("cards/activate/", cards.activate_cards, name="cards_activate"),
    path("cards/new/", cards.choose_student, name="card_student"),
    path("cards/import/", card_import.card_import, name="card_import"),
    path("cards/import/marked/", card_import.card_import_marked, name="card_import_marked"),
    path("cards/import/template/", card_import.card_template, name="card_template"),
    path("cards/students/<int:student_id>/", cards.card_new, name="card_new"),
    path("cards/<int:card_id>/", cards.card, name="card"),
    path("cards/<int:card_id>/replace/", cards.card_replace, name="card_replace"),
    path("cards/<int:card_id>/check/", cards.card_check, name="card_check"),
    path("cards/<int:card_id>/activate/", cards.card_activate, name="card_activate"),
    path("cards/<int:card_id>/lost/", cards.card_lost, name="card_lost"),
    path("cards/<int:card_id>/close/", cards.card_close, name="card_close"),
    path("cards/<int:card_id>/reveal/", cards.card_reveal, name="card_reveal"),
    path("batches/awards/", awards.awards, name="awards"),
    path("batches/awards/export/", awards.export, name="awards_export"),
    path("batches/awards/<int:award_id>/", awards.award, name="award"),
    path("batches/awards/<int:award_id>/revoke/", awards.award_revoke, name="award_revoke"),
    path("batches/rounds/<int:round_id>/grant/", awards.grant, name="grant"),
    path("batches/", batches.batches, name="batches"),
    path("batches/new/", batches.draft_ask, name="draft_ask"),
    path("batches/draft/", batches.draft, name="draft"),
    path("batches/<int:batch_id>/", batches.batch, name="batch"),
    path("batches/<int:batch_id>/freeze/", batches.freeze, name="freeze"),
    path("batches/<int:batch_id>/thaw/", batches.thaw, name="thaw"),
    path("batches/<int:batch_id>/discard/", batches.discard, name="discard"),
    path("batches/<int:batch_id>/approve/", batches.approve, name="approve"),
    path("batches/<int:batch_id>/send/", batches.send, name="send"),
    path("batches/<int:batch_id>/return/", batches.bank_return, name="bank_return"),
    path("batches/<int:batch_id>/follow-up/", batches.follow_up, name="follow_up"),
    path("batches/<int:batch_id>/close/", batches.close, name="close"),
    path("batches/<int:batch_id>/roll/", papers.roll, name="roll"),
    path("batches/<int:batch_id>/roll/export/", papers.roll_export, name="roll_export"),
    path("batches/<int:batch_id>/file/", papers.bank_file, name="bank_file"),
    path("ledger/", ledger.ledger_page, name="ledger"),
    path("ledger/funds/new/", ledger.fund_new, name="fund_new"),
]

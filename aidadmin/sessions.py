"""Sessions as Django keeps them; when one can't be saved, the person learns why."""

from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from schools.access import after_sign_in


class SessionMiddleware(middleware.SessionMiddleware):
    """Tells a session that its owner ended from a database that is gone.

    Django takes one for the other and answers both with a bare 400.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session; who signed out meanwhile goes to the sign-in page.

        Raises the database's own error, which is answered with 500.
        """
        try:
            return super().process_response(request, response)
        except SessionInterrupted as interrupted:
            error = _of_the_database(interrupted)
        if error is not None:
            raise error
        return redirect_to_login(after_sign_in(request))


def _of_the_database(interrupted: SessionInterrupted) -> DatabaseError | None:
    """The error behind it; None when the session's row simply is gone."""
    unsaved = interrupted.__context__
    error = unsaved.__context__ if unsaved is not None else None
    # Django's own word, that no row was there to be updated, has no cause.
    return error if isinstance(error, DatabaseError) and error.__cause__ is not None else None

"""What a user would get instead of our pages of people, behind the same walls and session.

Django's admin with the columns of our list, a page by OFFSET and a search by `icontains` as most
tutorials write them, and a view that reads one row: the least that a page with a person can do.
"""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from schools.access import StaffRequest, requires
from students.models import Student
from students.views.reach import STAFF, students_of

SHOWN = ("name", "school_class", "student_no", "sex", "household", "boarding", "status")
TABLE = """<!doctype html><title>学生</title><table>{% for s in page %}<tr>
<td>{{ s.name }}<td>{{ s.school_class.name }}<td>{{ s.student_no }}<td>{{ s.get_sex_display }}
<td>{{ s.get_household_display }}<td>{{ s.get_boarding_display }}<td>{{ s.get_status_display }}
</tr>{% endfor %}</table>第{{ page.number }}页，共{{ page.paginator.num_pages }}页"""


class StudentAdmin(ModelAdmin[Student]):
    """The list as its documentation advises: columns, joins, page length, search."""

    list_display = SHOWN
    list_select_related = ("school_class",)
    list_per_page = 50
    ordering = ("pinyin",)
    search_fields = ("name",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever is signed in; the walls choose the rows."""
        return True


class Site(AdminSite):
    """Open to whoever is signed in."""

    def has_permission(self, request: HttpRequest) -> bool:
        """No staff flag: accounts have none."""
        return bool(request.user.is_authenticated)


site = Site(name="admin")
site.register(Student, StudentAdmin)


@requires(STAFF)
def by_offset(request: StaffRequest) -> HttpResponse:
    """A page by its number, a search within names."""
    found = students_of(request).select_related("school_class").order_by("pinyin", "id")
    if text := request.GET.get("q"):
        found = found.filter(name__icontains=text)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    template = engines["django"].from_string(TABLE)
    return HttpResponse(template.render({"page": page}, request))


@requires(STAFF)
def one_row(request: StaffRequest) -> HttpResponse:
    """The name of one student of the school."""
    student = students_of(request).get(pk=request.GET["id"])
    return HttpResponse(f"<!doctype html><title>学生</title>{student.name}")


urlpatterns = [
    path("peer/admin/", site.urls),
    path("peer/offset/", by_offset),
    path("peer/one/", one_row),
    path("", include("aidadmin.urls")),
]

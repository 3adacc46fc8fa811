"""manage.py found: begin a real installation with its first bureau and its administrator."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.refusal import Refused
from schools import founding
from schools.models import Organisation


class Command(BaseCommand):
    """Found the first bureau; everything else is added on the page 机构."""

    help = "建立第一个教育局和系统管理员；一次性密码只显示这一次"

    def add_arguments(self, parser: CommandParser) -> None:
        """The bureau and its administrator."""
        parser.add_argument("city_code", help="行政区划代码，6位数字")
        parser.add_argument("city_name", help="单位名称，公章上的全称")
        parser.add_argument("--admin-name", required=True, help="系统管理员姓名")
        parser.add_argument("--admin-id", help="系统管理员身份证号；不写就在屏幕上询问，不留痕迹")
        parser.add_argument("--username", required=True, help="系统管理员账号")
        parser.add_argument("--district", action="store_true", help="只供一个区使用，没有市教委")

    def handle(self, *args: Any, **options: Any) -> None:
        """Found, and print the one-time password."""
        kind = Organisation.Kind.DISTRICT if options["district"] else Organisation.Kind.CITY
        try:
            first = founding.begin(
                code=options["city_code"],
                name=options["city_name"],
                kind=kind,
                admin_name=options["admin_name"],
                admin_id=options["admin_id"] or getpass.getpass("系统管理员身份证号（不显示）："),
                username=options["username"],
            )
        except Refused as refused:
            told = "\n".join(f"  {reason}" for reason in refused.reasons)
            raise CommandError(f"没有建立，原因如下：\n{told}") from None
        self.stdout.write(
            f"已建立{first.appointment.organisation.name}。\n"
            f"  账号        {first.username}\n"
            f"  一次性密码  {first.password}\n"
            "密码只显示这一次；登录后必须换成自己的，然后在“机构”里添加区教育局和学校。"
        )

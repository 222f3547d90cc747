FROM python:3.12-slim AS build

WORKDIR /srv/toastclub
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY . .
# The settings refuse to load without these. They serve this line alone and stay in no layer.
RUN TOASTCLUB_ENV=production \
    TOASTCLUB_DATA_DIR=/tmp/build \
    SECRET_KEY=placeholder-for-collectstatic-only \
    ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgresql://localhost/placeholder \
    R2_ENDPOINT_URL=https://placeholder.invalid \
    R2_ACCESS_KEY_ID=placeholder \
    R2_SECRET_ACCESS_KEY=placeholder \
    R2_BUCKET=placeholder \
    R2_REGION=auto \
    /venv/bin/python manage.py collectstatic --no-input


FROM python:3.12-slim

# Holds no data of its own: uploads pass through the data directory on their way to the store.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin toastclub \
    && install --directory --owner=toastclub --mode=0700 /var/lib/toastclub

COPY --from=build /venv /venv
COPY --from=build /srv/toastclub /srv/toastclub

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TOASTCLUB_ENV=production \
    TOASTCLUB_DATA_DIR=/var/lib/toastclub \
    PORT=8000

WORKDIR /srv/toastclub
USER 10001
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "deploy/healthcheck.py"]

# Serves, and nothing else: `python manage.py migrate` is a step of its own before it.
CMD ["gunicorn"]

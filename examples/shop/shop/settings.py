"""Settings of the Django shop."""

import os

import dj_database_url

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]

DATABASES = {
    # Requests reuse their connection for ten minutes.
    "default": dj_database_url.config(conn_max_age=600, ssl_require=True),
    "reports": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "reports",
        "PASSWORD": os.environ["REPORTS_PASSWORD"],
        "HOST": "ep-quiet-dune-a5k2m9x1-pooler.us-east-2.aws.neon.tech",
        "PORT": "5432",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"sslmode": "prefer"},
    },
}

from celery import Celery

app = Celery("shop", broker="redis://redis:6379/0")
app.config_from_object("django.conf:settings", namespace="CELERY")

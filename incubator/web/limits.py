"""Throttling, counted in Redis; when Redis is away each process counts for itself."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import RedisStorage

RedisStorage.DEPENDENCIES = {"redis": None}  # it names Valkey's library too, which would be loaded beside Redis'
limiter = Limiter(get_remote_address, in_memory_fallback_enabled=True, swallow_errors=True)

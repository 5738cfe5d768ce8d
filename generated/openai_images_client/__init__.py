"""A client library for accessing OpenAI Images API (DALL-E era)"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)

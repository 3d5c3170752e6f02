"""A small TCP proxy in a process of its own, through which connections can be disturbed.

Its process imports this package too and has to be up at once: only light modules are used here.
"""

from workers.proxy.address import proxied_url, proxy_of
from workers.proxy.conditions import Conditions
from workers.proxy.control import Proxy, ProxyState

__all__ = ["Conditions", "Proxy", "ProxyState", "proxied_url", "proxy_of"]

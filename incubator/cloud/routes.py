"""The cloud's blueprint; its pages stand in views.py, catalogue_views.py, wish_views.py and credit_views.py."""

from incubator.web.routes import Routes

bp = Routes("cloud", __name__)

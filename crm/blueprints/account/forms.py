"""The forms around signing in. Rules about passwords are the domain's; these only carry what was typed."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from crm.kernel.text import N_


class _Told(FlaskForm):
    problem = ""  # one sentence on top, already translated


class SignInForm(_Told):
    email = StringField(N_("E-mail"), render_kw={"autocomplete": "username", "type": "email", "maxlength": 254})
    password = PasswordField(N_("Password"), render_kw={"autocomplete": "current-password", "maxlength": 200})


class SetupForm(_Told):
    name = StringField(N_("Your name"), render_kw={"autocomplete": "name", "maxlength": 200})
    email = StringField(N_("E-mail"), render_kw={"autocomplete": "username", "type": "email", "maxlength": 254})
    password = PasswordField(N_("Password"), render_kw={"autocomplete": "new-password", "maxlength": 200})


class PasswordForm(_Told):
    current = PasswordField(N_("Current password"), render_kw={"autocomplete": "current-password", "maxlength": 200})
    new = PasswordField(N_("New password"), render_kw={"autocomplete": "new-password", "maxlength": 200})

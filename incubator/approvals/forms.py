"""Input about stand-ins."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import Length

from incubator.approvals.predicates import ROLES
from incubator.people.models import Person
from incubator.people.predicates import in_force
from incubator.web.forms import DayField, Form, Required


class DelegationForm(Form):
    """Who signs in one's place, for which role, from when to when."""

    hr_number = StringField(_l("HR number of your stand-in"), validators=[Required(_l("Enter the HR number"))])
    role = SelectField(_l("You sign as"))
    from_on = DayField(_l("From"), validators=[Required(_l("Enter a day"))])
    to_on = DayField(_l("To (included)"), validators=[Required(_l("Enter a day"))])
    reason = StringField(_l("Reason"), validators=[Required(_l("Say why")), Length(max=400)])

    def for_person(self, person: Person) -> "DelegationForm":
        """Offer the roles that the person holds today."""
        held = sorted({grant.role for grant in person.roles if in_force(grant)})
        self.role.choices = [SelectChoice(role.value, ROLES[role]) for role in held]
        return self

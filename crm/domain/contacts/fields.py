"""The fields of a contact, declared once for form, page, list, filter, sort and import."""

from functools import partial

from crm.domain.contacts.choices import GENDERS, ROLES
from crm.domain.contacts.models import Contact
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.records.fields import PARTS_OF_NAMES, name_field, owner_field, remarks_field, system_fields, tags_field
from crm.domain.tags.queries import configured
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.shaping import configurations
from crm.kernel.text import N_

_PERSON = (
    name_field(
        Contact,
        headings=(
            *("姓名", "联系人姓名", "联系人", "Full Name", "Contact Name", "Contact", "Name", "联系人名称"),
            *PARTS_OF_NAMES,
        ),
    ),
    Field(
        key="customer",
        label=N_("Customer"),
        kind=FieldKind.LINK,
        column=Contact.customer_id,
        source=CUSTOMERS_AS_VALUES,
        links="customers",
        max_length=400,
        help=N_("Name or number of one of the %(customers)s."),
        headings=(
            *("客户名称", "客户", "公司", "公司名称", "企业名称", "所属客户", "单位"),
            *("Account Name", "Account", "Company", "Company Name", "Organization", "Associated Company", "Customer"),
        ),
    ),
    Field(
        key="main",
        label=N_("Main contact"),
        kind=FieldKind.YES_NO,
        column=Contact.main,
        default=False,
        help=N_("The one to ask first. There is one for each %(customer)s."),
        headings=("首要联系人", "主联系人", "主要联系人", "Primary", "Primary Contact", "Main Contact"),
    ),
    Field(
        key="position",
        label=N_("Position"),
        kind=FieldKind.TEXT,
        column=Contact.position,
        headings=("职务", "职位", "岗位", "Title", "Job Title", "Job Position", "Position"),
    ),
    Field(
        key="role",
        label=N_("Role in deals"),
        kind=FieldKind.CHOICE,
        column=Contact.role,
        choices=ROLES,
        headings=("角色", "决策角色", "Role", "Contact Role", "Buying Role"),
    ),
    Field(
        key="gender",
        label=N_("Gender"),
        kind=FieldKind.CHOICE,
        column=Contact.gender,
        choices=GENDERS,
        headings=("性别", "称呼", "Gender", "Salutation", "Salutation Name"),
    ),
    Field(
        key="birthday",
        label=N_("Birthday"),
        kind=FieldKind.DATE,
        column=Contact.birthday,
        headings=("生日", "出生日期", "Birthday", "Birthdate", "Date of Birth"),
    ),
)
_REACH = (
    Field(
        key="phone",
        label=N_("Phone"),
        kind=FieldKind.PHONE,
        column=Contact.phone,
        headings=(
            *("手机", "手机号", "手机号码", "电话", "电话号码", "联系电话", "移动电话"),
            *("Mobile", "Mobile Phone", "Phone", "Phone Number", "Business Phone", "Cell Phone"),
        ),
    ),
    Field(
        key="email",
        label=N_("E-mail"),
        kind=FieldKind.EMAIL,
        column=Contact.email,
        max_length=254,
        headings=("邮箱", "电子邮箱", "邮件", "Email", "E-mail", "Email Address", "E-mail Address"),
    ),
    Field(
        key="wecom",
        label=N_("WeCom"),
        kind=FieldKind.TEXT,
        column=Contact.wecom,
        help=N_("Their id in WeCom."),
        headings=("企业微信", "微信", "微信号", "WeChat", "WeCom"),
    ),
)
_BELONGING = (owner_field(Contact), tags_field(Contact), remarks_field(Contact))

SECTIONS = (
    Section("person", N_("Person"), _PERSON),
    Section("reach", N_("How to reach them"), _REACH),
    Section("belonging", N_("Belonging"), _BELONGING),
)
EDITABLE = _PERSON + _REACH + _BELONGING
CONTACT_FIELDS = EDITABLE + system_fields(Contact)
configurations["contacts"] = partial(configured, "contacts")

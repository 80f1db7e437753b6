"""Exports with few columns come in as the mapping page suggests, too."""

import pytest

from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.opportunities.models import Opportunity
from crm.domain.records.external import ids_of
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from tests.web.test_import_recipes import Form
from tests.web.test_import_samples import said
from tests.web.test_imports import text_of, the_import, upload

SALESFORCE = (
    '"Account ID","Account Name","Phone","Website","Industry","Annual Revenue","Billing Street","Billing City",'
    '"Billing State/Province","Billing Country","Account Owner","Created Date"\n'
    '"0015g00000AbCdEAAV","Northwind Traders","(212) 555-0143","northwind.example","","1,200,000.00","1 Main St",'
    '"New York","NY","United States","","11/21/2026"\n'
    '"0015g00000AbCdFAAV","Contoso","","","","","","","","","","1/2/2026"\n'
)
SALESFORCE_PEOPLE = (
    '"Contact ID","First Name","Last Name","Account ID","Account Name","Email","Mailing Street","Mailing City",'
    '"Lead Source","Birthdate"\n'
    '"0035g00000XyZ1AAV","Maria","Lopez","0015g00000AbCdFAAV","Contoso","maria@contoso.example","","","","12/25/1985"\n'
)
HUBSPOT = (
    "Record ID,Company name,Company Domain Name,Phone Number,City,Country/Region,Company owner,Create Date,"
    "Last Activity Date\n9001,Fabrikam,fabrikam.example,+14155552671,,,,2026-11-21 10:00,\n"
)
HUBSPOT_DEALS = (
    "Record ID,Deal Name,Deal Stage,Amount,Close Date,Pipeline,Deal owner,Associated Company\n"
    "7001,Renewal,,1200.5,2026-12-24 00:00,,,Fabrikam\n"
)
ZOHO = (
    "Record Id,Account Name,Account Owner.id,Account Owner,Phone,Website,Created Time,Modified Time,Tag\n"
    "zcrm_5501,Adventure Works,zcrm_1,,021-62345678,www.adventure.example,2026-11-21 10:00:00,2026-11-21 10:00:00,\n"
)
ODOO = (
    "External ID,Display Name,Is a Company,Email,Phone,Street,City,Country,Tags,Salesperson\n"
    "__export__.res_partner_7_ab12,Wide World Importers,TRUE,info@wwi.example,+442071838750,,,,VIP,\n"
)
ESPO = (
    "ID,Name,Website,Email,Phone,Postal Code,Description,Created At,Modified At,Created By,Assigned User\n"
    "65a1b2c3d4e5f,Tailspin Toys,tailspin.example,,,,Makes toys,2026-11-21 10:00:00,,,\n"
)
WUKONG = (
    "客户名称,客户来源,手机,电话,网址,邮箱,客户行业,客户级别,下次联系时间,备注\n"
    "云帆科技,转介绍,13800138000,,,,,A（重点客户）,2026-12-01 09:00:00,老客户\n"
)


def come(as_, content, type_="customers"):
    """As the mapping page suggests it; the page."""
    browser = as_.administrator
    url = upload(browser, content, "export.csv", record_type=type_)
    sweep()
    page = browser.get(url + "/mapping")
    assert browser.post(url + "/mapping", Form(text_of(page)).sent).status_code == 303
    sweep()
    import_ = the_import()
    assert import_.invalid == 0, [row for row in said(browser.get(url + "/check")).split("Problems")]
    browser.post(url + "/run", {"duplicates": "skip"})
    sweep()
    return said(page)


def one(entity, name):
    with unscoped("a test looks at everything"):
        return db.session.query(entity).filter_by(name=name).one()


SYSTEMS = ["Salesforce", "HubSpot", "Zoho", "Odoo", "EspoCRM", "WuKong"]


@pytest.mark.parametrize(
    ("system", "content", "name", "known", "its_id"),
    [
        ("Salesforce", SALESFORCE, "Northwind Traders", {"website": "https://northwind.example"}, "0015g00000AbCdEAAV"),
        ("HubSpot", HUBSPOT, "Fabrikam", {"phone": "+14155552671"}, "9001"),
        ("Zoho", ZOHO, "Adventure Works", {"phone": "+862162345678"}, "zcrm_5501"),
        ("Odoo", ODOO, "Wide World Importers", {"email": "info@wwi.example"}, "__export__.res_partner_7_ab12"),
        ("EspoCRM", ESPO, "Tailspin Toys", {"remarks": "Makes toys"}, "65a1b2c3d4e5f"),
        ("WuKong CRM", WUKONG, "云帆科技", {"level": "a", "phone": "+8613800138000"}, ""),
    ],
    ids=SYSTEMS,
)
def test_customers_of_each_system_come_in_without_a_click(as_, system, content, name, known, its_id):
    assert f"looks like an export of {system}" in come(as_, content)
    record = one(Customer, name)
    assert {key: getattr(record, key) for key in known} == known
    assert ids_of("customers", record.id) == ([(system, its_id)] if its_id else [])


def test_people_and_deals_follow_by_the_ids_of_the_companies_or_their_names(as_):
    come(as_, SALESFORCE)
    page = come(as_, SALESFORCE_PEOPLE, "contacts")
    assert "looks like an export of Salesforce, contacts" in page
    maria = one(Contact, "Maria Lopez")
    assert (maria.customer_id, str(maria.birthday)) == (one(Customer, "Contoso").id, "1985-12-25")
    come(as_, HUBSPOT)
    come(as_, HUBSPOT_DEALS, "opportunities")
    deal = one(Opportunity, "Renewal")
    assert (deal.customer_id, float(deal.amount), str(deal.closes_on)) == (
        one(Customer, "Fabrikam").id,
        1200.5,
        "2026-12-24",
    )

"""What the exports of other systems are headed with, where they keep ids, and what their delivered values are with us:
of who is sold to and what is sold here, of what is to be done in recipe_work.py."""

from crm.domain.imports.recipe_meanings import ACCOUNT, DEAL, DISCARDED, GENDER, LEAD, LOST, NO_OWNER, TITLES
from crm.domain.imports.recipe_shape import ESPO, HUBSPOT, ODOO, SALESFORCE, WUKONG, ZOHO, Recipe, columns, of
from crm.domain.imports.recipe_work import WORK

RECIPES: tuple[Recipe, ...] = (
    # Data Export and Data Loader write names of the programming interface, reports write labels.
    of(
        *(SALESFORCE, "customers", "Id,Name,OwnerId,BillingCity", "Account Owner,Account Name,Billing State/Province"),
        *(
            "Id,Name,ParentId,OwnerId",
            "Account Name,Ticker Symbol,SIC Code",
        ),
        ids="Id,Account ID",
        columns=columns(parent="ParentId,Parent Account ID"),
        meanings=ACCOUNT,
    ),
    of(
        *(SALESFORCE, "contacts", "Id,AccountId,LastName,OwnerId", "Last Name,Account Name,Mailing State/Province"),
        *(
            "Contact ID,Last Name,Account Name,Account Owner",
            "Contact ID,Account ID,Last Name,Mailing City",
            "Last Name,Account Name,Asst. Phone",
        ),
        ids="Id,Contact ID",
        columns=columns(customer="AccountId,Account ID"),
        meanings=GENDER,
    ),
    of(
        *(SALESFORCE, "leads", "Id,LastName,Company,IsConverted", "Lead Owner,Last Name,Company / Account"),
        ids="Id,Lead ID",
        meanings=LEAD,
        fallbacks=DISCARDED,
    ),
    of(
        *(SALESFORCE, "opportunities", "Id,AccountId,StageName,CloseDate", "Opportunity Name,Opportunity Owner,Stage"),
        ids="Id,Opportunity ID",
        columns=columns(customer="AccountId,Account ID", stage="StageName"),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    of(
        *(HUBSPOT, "customers", "Record ID,Company name,Company owner", "Company ID,Company owner,Name"),
        *("Record ID,Company name,Company Domain Name",),
        ids="Record ID,Company ID",
        columns=columns(parent="Parent Company ID,Associated Parent Company ID"),
        meanings={**ACCOUNT, **NO_OWNER},
    ),
    of(
        *(HUBSPOT, "contacts", "Record ID,Contact owner,Create Date", "Record ID,Contact owner,Associated Company"),
        *("Contact ID,Contact owner,Create Date", "Record ID,Contact owner,Lead Status,Email,Lifecycle Stage"),
        ids="Record ID,Contact ID",
        columns=columns(customer="Associated Company ID,Associated Company IDs,Primary Associated Company ID"),
        meanings={**GENDER, **NO_OWNER},
    ),
    of(
        *(HUBSPOT, "opportunities", "Record ID,Deal Name,Deal Stage", "Deal ID,Deal Name,Deal Stage"),
        ids="Record ID,Deal ID",
        columns=columns(customer="Associated Company ID,Associated Company IDs,Primary Associated Company ID"),
        meanings={**DEAL, **NO_OWNER, "pipeline": {"sales pipeline": "", "default": ""}},
        fallbacks=LOST,
    ),
    of(
        *(ZOHO, "customers", "Record Id,Account Name,Account Owner", "ACCOUNTID,Account Name,Account Owner Id"),
        ids="Record Id,ACCOUNTID",
        columns=columns(parent="Parent Account.id"),
        meanings=ACCOUNT,
    ),
    of(
        *(ZOHO, "contacts", "Record Id,Contact Owner,Account Name", "Record Id,Contact Owner,Contact Owner.id"),
        *("CONTACTID,Contact Owner,Contact Owner Id,Last Name",),
        ids="Record Id,CONTACTID",
        columns=columns(customer="Account Name.id,Account Id"),
        meanings=GENDER,
    ),
    of(
        *(
            ZOHO,
            "leads",
            "Record Id,Lead Owner,Lead Status",
            "LEADID,Lead Owner,Company",
            "Record Id,Lead Owner,Company",
        ),
        ids="Record Id,LEADID",
        meanings=LEAD,
        fallbacks=DISCARDED,
    ),
    of(
        *(ZOHO, "opportunities", "Record Id,Deal Name,Closing Date", "Record Id,Deal Name,Deal Owner,Stage"),
        ids="Record Id",
        columns=columns(customer="Account Name.id", closes_on="Closing Date"),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    of(
        *(ODOO, "customers", "External ID,Name,Is a Company", "id,name,is_company", "Is a company,Related company"),
        *("External ID,Display Name,Is a Company", "External ID,Complete Name,Is a Company"),
        ids="External ID,id",
        columns=columns(
            type="Is a Company",
            parent="parent_id/id,Related Company/External ID",
            name="Display Name,Complete Name",
            owner="user_id",
            region="state_id",
            remarks="comment",
        ),
        meanings=ACCOUNT,
    ),
    of(
        *(ODOO, "contacts", "External ID,Name,Related Company", "External ID,Display Name,Related Company"),
        *("id,name,parent_id/id", "id,name,parent_id", "External ID,Name,Related Company/External ID"),
        *("External ID,Complete Name,Company Name",),
        ids="External ID,id",
        columns=columns(
            customer="parent_id/id,Related Company/External ID,Related Company,parent_id,Company Name",
            name="Display Name,Complete Name",
            position="function,Job Position",
            gender="title",
            owner="user_id",
            remarks="comment",
        ),
        meanings={
            "gender": {**TITLES, "doctor": "", "professor": "", "madam": "Female", "mister": "Male", "miss": "Female"}
        },
    ),
    of(
        *(ODOO, "opportunities", "Opportunity,Expected Revenue,Stage", "name,partner_id,expected_revenue"),
        *("id,name,partner_id/id,stage_id", "name,partner_id/id,expected_revenue"),
        ids="External ID,id",
        columns=columns(
            customer="partner_id/id,Customer/External ID,partner_id",
            stage="stage_id,stage_id/name",
            amount="expected_revenue",
            closes_on="Expected Closing,date_deadline",
            owner="user_id",
        ),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    # CSV has the attributes, a spreadsheet the labels.
    of(
        *(ESPO, "customers", "id,name,billingAddressCity", "id,name,assignedUserName,industry"),
        *("Name,Assigned User,Modified At,Industry", "Name,Assigned User,Created At,Website"),
        ids="id",
        meanings=ACCOUNT,
    ),
    of(
        *(ESPO, "contacts", "id,lastName,accountName,assignedUserName", "id,lastName,accountId,assignedUserId"),
        *("Name,Account,Assigned User,Modified At,Salutation", "Name,Account,Assigned User,Created At,Email"),
        ids="id",
        columns=columns(customer="accountId"),
        meanings=GENDER,
    ),
    of(
        *(ESPO, "leads", "id,lastName,status,assignedUserName", "Name,Status,Assigned User,Created At,Source"),
        ids="id",
        meanings=LEAD,
        fallbacks=DISCARDED,
    ),
    of(
        *(ESPO, "opportunities", "id,name,stage,closeDate", "Name,Stage,Assigned User,Close Date"),
        ids="id",
        columns=columns(customer="accountId"),
        meanings=DEAL,
        fallbacks=LOST,
    ),
    of(WUKONG, "customers", "客户名称,客户级别,下次联系时间", "客户名称,客户级别,成交状态"),
    of(WUKONG, "contacts", "姓名,客户名称,是否关键决策人", columns=columns(role="是否关键决策人")),
    of(WUKONG, "leads", "线索名称,客户级别,下次联系时间", "线索名称,客户行业,线索来源"),
    of(WUKONG, "opportunities", "商机名称,客户名称,商机金额,预计成交日期", fallbacks=LOST),
    of(WUKONG, "orders", "合同编号,合同名称,客户签约人", "合同编号,合同名称,公司签约人"),
    of(WUKONG, "products", "产品名称,产品类型,产品单位,产品编码"),
    of(WUKONG, "follow_ups", "回访编号,回访时间,回访人"),
    *WORK,
)

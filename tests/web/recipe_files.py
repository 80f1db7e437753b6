"""What the exports in exports/ become: system → [(type of record, {field: what the records have, in their order})].

The files are as each system writes them, with five rows of our own. Links are told by names.
"""

EXPECTED = {
    "Salesforce": [
        (
            "customers",
            {
                "name": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", "Delta SA", "Delta SA"],
                "industry_code": ["I", "66", None, "E", None],
                "region_code": ["31", "11", None, None, None],
                "website": ["https://acme.example.com", "https://beta.example.com", None, None, None],
                "remarks": [
                    "AnnualRevenue: 1200000\nNumberOfEmployees: 250\nDescription: Old friends",
                    "Fax: +86 10 8888 9999",
                    None,
                    None,
                    "second of its name",
                ],
            },
        ),
        (
            "contacts",
            {
                "name": ["Ada Lovelace", "Leonhard Euler", "Emmy Noether", "Carl Gauss", "小明 王"],
                "customer": ["Acme Ltd", "Beta GmbH", "Delta SA", None, "Delta SA"],
                "gender": ["female", None, None, "male", None],
                "phone": ["+862168881235", None, None, None, None],
                "remarks": ["MobilePhone: +86 138 0013 8000", "Department: Purchasing", None, None, None],
            },
        ),
        (
            "opportunities",
            {
                "name": ["Acme - 100 seats", "Beta - renewal", "Gamma - pilot", "Gamma - rollout", "Acme - support"],
                "customer": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", "Gamma Inc.", "Acme Ltd"],
                "stage": ["contacted", "negotiation", "won", "lost", "needs"],
                "lost_reason": [None, None, None, "other", None],
                "amount": ["12000.00", "8500.50", "300.00", None, "1.00"],
                "closes_on": ["2026-12-25", "2027-01-15", "2026-09-30", "2026-09-29", "2026-12-01"],
                "source": ["website", "referral", "cold_call", "other", "other"],
                "owner": ["Ada Admin", "Sam 王", "Sam 王", "Sam 王", "Sam 王"],
            },
        ),
    ],
    "HubSpot": [
        (
            "customers",
            {
                "name": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", "Delta SA", "上海启明软件有限公司"],
                "industry_code": ["I", "J", "K", None, "I"],
                "website": [
                    "https://acme.example.com",
                    "https://beta.example.com",
                    "https://gamma.example.com",
                    "https://delta.example.com",
                    None,
                ],
                "owner": ["Ada Admin", "Sam 王", "Ada Admin", "Ada Admin", "Sam 王"],
            },
        ),
        (
            "contacts",
            {
                "name": ["Ada Lovelace", "Leonhard Euler", "Emmy", "Gauss", "王小明"],
                "customer": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", None, "上海启明软件有限公司"],
                "phone": ["+8613800138000", None, None, None, "+8613900139000"],
                "owner": ["Ada Admin", "Sam 王", "Ada Admin", "Sam 王", "Sam 王"],
            },
        ),
        (
            "opportunities",
            {
                "stage": ["contacted", "negotiation", "won", "lost", "proposal"],
                "lost_reason": [None, None, None, "other", None],
                "closes_on": ["2026-12-24", "2027-01-15", "2026-09-30", "2026-09-30", None],
                "amount": ["12000.00", "8500.50", "300.00", None, "5.00"],
            },
        ),
        (
            "tickets",
            {
                "status": ["new", "open", "waiting", "closed", "new"],
                "priority": ["high", "low", "normal", "normal", "urgent"],
                "customer": ["Acme Ltd", "Beta GmbH", None, "Beta GmbH", "Beta GmbH"],
            },
        ),
    ],
    "Zoho": [
        (
            "customers",
            {
                "name": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", "Delta SA", "Epsilon Oy"],
                "industry_code": ["I", "J", "C", None, None],
                "tags": [["key", "old"], None, None, None, None],
                "address": ["1 Main Road", None, None, None, None],
                "owner": ["Ada Admin", "Sam 王", "Sam 王", "Sam 王", "Sam 王"],
            },
        ),
        (
            "contacts",
            {
                "name": ["Ada Lovelace", "Leonhard Euler", "Emmy Noether", "Gauss", "王小明"],
                "customer": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", None, "Gamma Inc."],
                "remarks": ["Mobile: 13800138000", None, None, None, None],
            },
        ),
        (
            "opportunities",
            {
                "stage": ["contacted", "proposal", "won", "lost", "needs"],
                "amount": ["12000.00", "8500.50", "300.00", None, "1.00"],
                "closes_on": ["2026-12-24", "2027-01-15", "2026-09-30", "2026-09-30", "2026-09-30"],
                "source": ["advertising", "referral", "exhibition", "cold_call", None],
            },
        ),
        (
            "leads",
            {
                "name": ["Sofia Kowalewska", "Max Born", "Lise Meitner", "Otto Hahn", "Planck"],
                "company": ["Zeta AG", "Eta KG", "Theta", "Iota", "Kappa"],
                "status": ["new", "contacted", "discarded", "qualified", "contacted"],
                "discard_reason": [None, None, "other", None, None],
            },
        ),
    ],
    "Odoo": [
        (
            "customers",
            {
                "name": ["Acme Ltd", "Beta GmbH", "Beta Branch", "Delta SA", "Erna Example"],
                "type": ["company", "company", "company", "company", "person"],
                "region_code": ["31", "11", None, None, None],
                "remarks": ["Old friends", None, None, None, None],
                "owner": ["Ada Admin", "Sam 王", "Sam 王", "Ada Admin", "Ada Admin"],
            },
        ),
        (
            "contacts",
            {
                "name": ["Ada Lovelace", "Leonhard Euler", "Emmy Noether", "Carl Gauss", "王小明"],
                "customer": ["Acme Ltd", "Beta GmbH", "Delta SA", None, "Delta SA"],
                "position": ["CEO", None, None, None, None],
                "gender": ["female", None, None, "male", None],
                "remarks": ["Mobile: +86 138 0013 8000", None, None, None, None],
            },
        ),
        (
            "opportunities",
            {
                "name": ["Acme - seats", "Beta - renewal", "Beta - pilot", "Delta - more", "Erna - one"],
                "customer": ["Acme Ltd", "Beta GmbH", "Beta GmbH", "Delta SA", "Erna Example"],
                "stage": ["contacted", "proposal", "won", "contacted", "contacted"],
                "closes_on": ["2026-12-24", "2027-01-15", "2026-09-30", None, None],
            },
        ),
    ],
    "EspoCRM": [
        (
            "customers",
            {
                "name": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", "Delta SA", "Epsilon Oy"],
                "industry_code": ["I", "66", "37", None, None],
                "region_code": ["31", "11", None, None, None],
                "address": ["1 Main Road", None, None, None, None],
                "email": ["info@acme.example.com", None, None, None, None],
            },
        ),
        (
            "contacts",
            {
                "name": ["Ada Lovelace", "Leonhard Euler", "Emmy Noether", "Carl Gauss", "王小明"],
                "customer": ["Acme Ltd", "Beta GmbH", "Gamma Inc.", None, "Delta SA"],
                "gender": ["female", None, None, "male", None],
                "owner": ["Ada Admin", "Sam 王", "Sam 王", "Ada Admin", "Ada Admin"],
            },
        ),
        (
            "opportunities",
            {
                "stage": ["contacted", "negotiation", "won", "lost", "proposal"],
                "source": ["website", "referral", "cold_call", None, None],
                "amount": ["12000.00", "8500.50", "300.00", None, "1.00"],
            },
        ),
        (
            "tickets",
            {
                "status": ["new", "open", "waiting", "closed", "closed"],
                "customer": ["Acme Ltd", "Beta GmbH", None, "Beta GmbH", "Beta GmbH"],
                "contact": ["Ada Lovelace", None, None, None, None],
            },
        ),
    ],
    "WuKong CRM": [
        (
            "customers",
            {
                "level": ["a", "b", "c", None, None],
                "source": ["referral", "advertising", "search", None, None],
                "industry_code": ["65", None, None, None, None],
                "owner": ["Ada Admin", "Sam 王", "Sam 王", "Sam 王", "Sam 王"],
                "lifecycle_stage": ["active", None, None, None, None],
            },
        ),
        (
            "contacts",
            {
                "name": ["王小明", "李芳", "赵强", "钱多", "孙悦"],
                "role": ["decides", "other", None, None, None],
                "gender": ["male", "female", None, None, None],
                "phone": ["+8613800138001", None, None, "+8613900139001", "+8613900139002"],
                "remarks": [None, "电话: 010-88881234\n备注: 认识多年", None, None, None],
            },
        ),
        (
            "opportunities",
            {
                "amount": ["12000.00", "12000.00", "300.00", None, "1.00"],
                "closes_on": ["2026-12-24", "2027-01-15", "2026-09-30", "2026-09-30", None],
                "stage": ["contacted", "contacted", "contacted", "contacted", "contacted"],
            },
        ),
        ("follow_ups", {"body": ["系统很好用", "希望再便宜一些", "无人接听", "下月再联系", "已发报价"]}),
    ],
}

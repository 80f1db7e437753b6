"""How other systems and people head the columns of a lead: Salesforce, HubSpot, Zoho, EspoCRM, WuKong, ruoyi."""

from crm.domain.records.fields import PARTS_OF_NAMES

# fmt: off
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        "线索名称", "线索", "姓名", "联系人", "联系人姓名", "线索姓名", "客户姓名", "主题",
        "Name", "Lead Name", "Lead", "Full Name", "Contact Name", "Subject", "Topic", *PARTS_OF_NAMES,
    ),
    "company": (
        "公司", "公司名称", "企业名称", "单位", "单位名称", "客户名称",
        "Company", "Company Name", "Account Name", "Company / Account", "Organization", "Associated Company",
    ),
    "position": ("职务", "职位", "岗位", "Title", "Job Title", "Position", "Designation"),
    "phone": (
        "手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "移动电话",
        "Mobile", "Mobile Phone", "Mobile Phone Number", "Phone", "Phone Number", "Cell Phone",
    ),
    "email": ("邮箱", "电子邮箱", "邮件", "Email", "E-mail", "Email Address", "E-mail Address"),
    "wecom": ("企业微信", "微信", "微信号", "WeChat", "WeCom", "Wechat ID"),
    "website": ("网址", "网站", "官网", "Website", "Website URL", "Web Site", "URL", "Company Domain Name"),
    "status": ("线索状态", "状态", "跟进状态", "Status", "Lead Status", "Lead Stage"),
    "discard_reason": ("放弃原因", "无效原因", "丢弃原因", "Lost Reason", "Unqualified Reason", "Disqualified Reason"),
    "discard_text": ("放弃说明", "无效说明", "Lost Notes"),
    "source": (
        "线索来源", "来源", "来源渠道", "客户来源", "渠道", "Source", "Lead Source", "Original Source",
        "Original Traffic Source", "Channel",
    ),
    "campaign": ("市场活动", "活动", "来源活动", "Campaign", "Campaign Name", "Primary Campaign", "UTM Campaign"),
    "industry": ("所属行业", "客户行业", "行业", "Industry", "Sector"),
    "region": (
        "地区", "所在地区", "省市区", "区域", "省份", "省", "城市", "State", "State/Province", "State/Region", "City",
        "Province", "Region",
    ),
    "expected_amount": (
        "预计金额", "预计成交金额", "预算", "金额", "Opportunity Amount", "Expected Amount", "Expected Revenue",
        "Amount", "Annual Budget", "Deal Amount",
    ),
    "owner": (
        "负责人", "负责人名字", "负责人姓名", "跟进人", "归属人", "所有者", "业务员", "销售",
        "Owner", "Lead Owner", "Owner Name", "Assigned User", "Assigned To", "Contact owner", "Sales Rep",
    ),
}

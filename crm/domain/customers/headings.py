"""How other systems and people head the columns of a customer: what a spreadsheet may bring for each field.

Case, width, blanks, punctuation and “(required)” count for nothing.
"""

# fmt: off
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        "客户名称", "企业名称", "公司名称", "单位名称", "客户全称", "客户", "公司", "名称", "姓名", "客户姓名",
        "Name", "Account Name", "Company", "Company Name", "Customer Name", "Organization", "Organization Name",
        "Customer", "account", "Account", "Business Name", "Full Name", "企业全称", "公司全称", "单位全称", "单位",
        "客户全名", "企业名", "公司名", "Legal Name", "Registered Name", "Display Name",
    ),
    "type": (
        "客户类型", "类型", "客户性质", "Customer Type", "Account Type", "is_company",
    ),
    "industry": (
        "所属行业", "客户行业", "行业", "行业类别", "Industry", "Sector", "Vertical", "所在行业", "行业分类",
        "行业类型", "国标行业", "行业门类", "Industry Type", "Industry Sector", "Line of Business",
    ),
    "level": (
        "客户等级", "客户级别", "级别", "等级", "Rating", "Level", "Tier", "Customer Level", "客户分级", "重要程度",
        "重要级别", "Priority", "Customer Tier", "Grade", "Account Rating",
    ),
    "lifecycle_stage": (
        "客户生命周期阶段", "生命周期", "客户阶段", "成交状态", "Lifecycle Stage", "Lifecycle", "Stage",
        "客户生命周期", "生命周期阶段", "跟进阶段", "Customer Stage", "Account Stage",
    ),
    "source": (
        "客户来源", "来源", "来源渠道", "线索来源", "Source", "Lead Source", "Account Source", "Original Source",
        "获客渠道", "渠道来源", "推广渠道", "来源途径", "How did you hear about us", "Referral Source", "Channel",
    ),
    "tags": (
        "标签", "客户标签", "Tags", "Labels", "Tag", "关键词", "Keywords", "Categories",
    ),
    "phone": (
        "电话", "手机", "手机号", "手机号码", "联系电话", "客户电话", "固定电话", "公司电话", "Phone",
        "Phone Number", "Mobile", "Mobile Phone", "Telephone", "Main Phone", "Phone 1", "Office Phone", "tel",
        "电话号码", "客户手机", "客户手机号", "联系手机", "移动电话", "座机", "固话", "公司座机", "企业电话",
        "单位电话", "办公电话", "联系方式", "Mobile Number", "Cell", "Cell Phone", "Mobile No", "Phone No",
        "Phone (work)", "Business Phone", "Work Phone", "Company Phone", "Contact Number",
    ),
    "email": (
        "邮箱", "电子邮箱", "邮件", "电子邮件", "Email", "E-mail", "Email Address", "E-mail Address", "mail",
        "企业邮箱", "公司邮箱", "联系邮箱", "客户邮箱", "Work Email", "Company Email", "Business Email", "email1",
    ),
    "website": (
        "网址", "网站", "官网", "公司网站", "Website", "Web Site", "URL", "Homepage", "Company Domain Name", "Web",
        "公司网址", "企业网址", "公司主页", "主页", "企业官网", "Home Page", "Company Website", "Domain",
        "Site URL",
    ),
    "region": (
        "地区", "所在地区", "省市区", "所在地", "区域", "省/市/区", "Region", "Location", "所在省份", "省份",
        "Province", "省", "市", "区", "县", "区县", "城市", "省市", "所在省", "所在市", "所在城市", "所在区县",
        "地区名称", "行政区划", "注册省份", "注册城市", "City", "State", "State/Province", "Province/State",
        "Billing City", "Billing State", "Billing State/Province", "Billing Province", "District",
        "Billing Address City", "Billing Address State",
    ),
    "address": (
        "地址", "详细地址", "注册地址", "联系地址", "公司地址", "通讯地址", "Address", "Billing Street", "Street",
        "Street Address", "Billing Address", "Address 1", "办公地址", "企业地址", "单位地址", "经营地址", "街道",
        "街道地址", "通信地址", "Street 1", "Address Line 1", "Billing Address Line1", "Business Street",
        "Company Address", "Postal Address", "Billing Address Street",
    ),
    "owner": (
        "负责人", "客户负责人", "所有者", "归属人", "业务员", "销售", "Owner", "Account Owner", "Sales Rep",
        "Company Owner", "Assigned To", "Assigned User", "Lead Owner", "负责人名字", "负责人姓名", "客户经理",
        "业务经理", "跟进人",
        "销售负责人", "归属销售", "所属销售", "销售员", "Salesperson", "Sales Representative", "Account Manager",
        "Owner Name", "Assigned User Name", "Responsible",
    ),
    "parent": (
        "Related Company",
        "母公司", "上级公司", "上级客户", "Parent Company", "Parent Account", "Member Of", "subsidiary_of",
        "母公司名称", "集团公司", "所属集团", "Parent", "Parent Account Name", "Parent Customer", "Parent Name",
    ),
    "competitor": (
        "竞争对手", "竞品", "Competitor", "Competitors", "主要竞争对手", "竞争公司", "Main Competitor",
    ),
    "remarks": (
        "备注", "说明", "客户备注", "经营范围", "描述", "Description", "Notes", "Remarks", "Comment", "Comments",
        "备忘", "附注", "备注信息", "其他说明", "客户描述", "Remark", "Note", "About", "Additional Information",
    ),
}

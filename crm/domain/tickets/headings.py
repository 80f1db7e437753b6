"""How other systems head the columns of a ticket's fields, in the files they export."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        *("工单主题", "主题", "标题", "工单标题", "问题标题", "Subject", "Ticket Subject", "Title", "Case Subject"),
        *("Ticket Name", "Case Title", "Summary"),
    ),
    "type": ("工单类型", "类型", "问题类型", "Type", "Ticket Type", "Case Type", "Request Type"),
    "category": ("分类", "问题分类", "工单分类", "Category", "Case Reason", "Topic"),
    "priority": ("优先级", "紧急程度", "Priority", "Ticket Priority", "Severity"),
    "channel": ("渠道", "来源渠道", "受理渠道", "来源", "Channel", "Ticket Channel", "Case Origin", "Source"),
    "description": ("问题描述", "描述", "内容", "详情", "Description", "Ticket Description", "Details"),
    "status": ("状态", "工单状态", "处理状态", "Status", "Ticket Status", "Case Status"),
    "resolution": ("解决方案", "处理结果", "Resolution", "Solution"),
    "customer": (
        *("客户名称", "客户", "公司名称", "公司", "单位", "Account Name", "Account", "Company", "Customer"),
        *("Organization", "Customer Name"),
    ),
    "contact": ("联系人", "联系人姓名", "报修人", "投诉人", "Contact", "Contact Name", "Requester"),
    "order": ("订单", "订单编号", "订单号", "Order", "Order Number"),
    "part_of": ("父工单", "上级工单", "Parent Case", "Parent Ticket"),
    "needs_sales": ("需销售介入", "销售介入", "Needs sales"),
    "opened": ("提交时间", "受理时间", "创建时间", "打开时间", "Opened", "Date/Time Opened", "Created", "Open Date"),
    "responded": ("首次响应时间", "首次回复时间", "First Response Time", "First Responded"),
    "solved": ("解决时间", "完成时间", "Time to Resolution", "Resolved", "Date/Time Closed", "Solved At"),
    "owner": (
        "处理人",
        "负责人",
        "客服",
        "受理人",
        "经办人",
        "Owner",
        "Case Owner",
        "Agent",
        "Assignee",
        "Assigned To",
    ),
}

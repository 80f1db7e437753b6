"""What the delivered values of other systems are with us: field key → {their text: what our field reads}, "" for
nothing. Texts in lower case. What a field reads by itself goes before it, and what a company has not is left out."""

TITLES = dict.fromkeys(("dr.", "dr", "prof.", "prof", "mx.", "mx"), "")
GENDER = {"gender": TITLES}
SOURCES = {
    "web": "website",
    **dict.fromkeys(("web site", "web download", "direct traffic", "direct_traffic", "online store"), "website"),
    **dict.fromkeys(("web research", "organic search", "organic_search", "paid search", "paid_search"), "search"),
    **dict.fromkeys(("paid social", "paid_social", "campaign", "email marketing", "email_marketing"), "advertising"),
    **dict.fromkeys(("trade show", "seminar partner", "seminar - internal", "internal seminar"), "exhibition"),
    **dict.fromkeys(("partner referral", "existing customer", "referrals", "public relations"), "referral"),
    **dict.fromkeys(("phone inquiry", "call", "cold call", "sales email alias"), "cold_call"),
    **dict.fromkeys(("purchased list", "other campaigns", "offline", "offline sources", "offline_sources"), "other"),
    **dict.fromkeys(("self generated", "employee", "social media", "social_media", "ai referrals", "chat"), "other"),
}
SOURCE = {"source": SOURCES}
# Delivered industries of the English systems → sections and divisions of GB/T 4754.
INDUSTRIES = {
    "industry": {
        **dict.fromkeys(("agriculture", "farming"), "A"),
        **dict.fromkeys(("manufacturing", "machinery", "industrial manufacturing", "industrial_automation"), "C"),
        **{"chemicals": "26", "chemical": "26", "electronics": "39", "apparel": "18", "apparel & accessories": "18"},
        **dict.fromkeys(("biotechnology", "biotech", "pharmaceuticals"), "27"),
        **{"food & beverage": "15", "automotive": "36", "aerospace": "37", "energy": "D", "utilities": "D"},
        **dict.fromkeys(("construction", "architecture", "building materials & equipment"), "E"),
        **dict.fromkeys(("retail", "wholesale", "retail & wholesale"), "F"),
        **dict.fromkeys(("transportation", "shipping", "logistics", "transportation_trucking_railroad"), "G"),
        **dict.fromkeys(("hospitality", "travel", "leisure_travel_tourism"), "H"),
        **dict.fromkeys(("technology", "computer_software", "software", "saas", "asp (application service pro"), "I"),
        **dict.fromkeys(("information_technology_and_services", "information technology", "internet"), "I"),
        **dict.fromkeys(("telecommunications", "communications", "data/telecom oem", "service provider"), "63"),
        **{"banking": "66", "finance": "J", "financial services": "J", "financial_services": "J", "insurance": "68"},
        **{"real estate": "K", "real_estate": "K", "consulting": "72", "management_consulting": "72", "legal": "72"},
        **{
            "engineering": "M",
            "environmental": "77",
            "education": "P",
            "healthcare": "84",
            "hospital_health_care": "84",
        },
        **{"entertainment": "R", "media": "R", "recreation": "R", "sports": "R", "government": "S", "other": ""},
    }
}
INDUSTRIES["industry"] |= {said.replace("_", " "): code for said, code in INDUSTRIES["industry"].items()}
STAGES = {
    **dict.fromkeys(("prospecting", "qualification", "new", "qualified", "appointment scheduled"), "contacted"),
    **dict.fromkeys(("needs analysis", "perception analysis", "id. decision makers", "qualified to buy"), "needs"),
    **dict.fromkeys(("identify decision makers", "value proposition", "appointmentscheduled"), "needs"),
    **dict.fromkeys(("proposal", "proposal/price quote", "proposal/quote", "proposition"), "proposal"),
    **dict.fromkeys(("presentation scheduled", "presentationscheduled"), "proposal"),
    **dict.fromkeys(("negotiation", "negotiation/review", "decision maker bought-in"), "negotiation"),
    **dict.fromkeys(("contract sent", "contractsent"), "negotiation"),
    **dict.fromkeys(("closedwon", "closed won", "won"), "won"),
    **dict.fromkeys(("closedlost", "closed lost", "closed lost to competition", "closed-lost to competition"), "lost"),
    "lost": "lost",
}
DEAL = {"stage": STAGES, **SOURCE}
LOST = {"lost_reason": "other"}
DISCARDED = {"discard_reason": "other"}
ACCOUNT = {**INDUSTRIES, **SOURCE, "type": {"true": "company", "false": "person", "1": "company", "0": "person"}}
LEAD = {**INDUSTRIES, **SOURCE, "status": {"closed - not converted": "discarded", "in progress": "contacted"}}
NO_OWNER = {"owner": {"no owner": "", "unassigned": ""}}
LEAD_OF_HUBSPOT = {
    "status": {"attempting": "contacted", "disqualified": "discarded"},
    "discard_reason": {
        **dict.fromkeys(("bad timing", "not a good fit", "no commercial interest"), "no_need"),
        **{"budget constraints": "no_budget", "competitor preference": "rival", "no response": "not_reached"},
        **dict.fromkeys(("no decision-making power", "prior negative experience", "technical limitations"), "other"),
        "wrong data": "wrong_data",
    },
}
LEAD_OF_ODOO = {
    "status": {"proposition": "qualified"},
    "discard_reason": {
        "too expensive": "no_budget",
        **dict.fromkeys(("we don't have people/skills", "not enough stock"), "other"),
    },
}
# Its stars, which older versions call otherwise.
STARS = {"all": "normal", "low priority": "low", "medium priority": "normal", "high priority": "high"}

"""The choices of a contact's fields, with the spellings other systems use for them."""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

ROLES = (
    Choice("decides", N_("Decides"), "ok", ("决策", "决策人", "关键决策人", "是", "Decision Maker", "决策者")),
    Choice("influences", N_("Influences"), "info", ("影响决策", "影响人", "影响者", "Influencer", "Evaluator")),
    Choice("uses", N_("Uses it"), "", ("使用", "使用人", "使用者", "End User", "User")),
    Choice("buys", N_("Buys"), "", ("采购", "采购人", "Buyer", "Economic Buyer", "Purchaser")),
    Choice("opposes", N_("Opposes"), "bad", ("反对", "反对者", "Blocker")),
    Choice("other", N_("Other"), "", ("其他", "其它", "否", "Other")),
)
GENDERS = (
    Choice("female", N_("Female"), aliases=("女", "女士", "F", "Ms", "Mrs", "Ms.", "Mrs.")),
    Choice("male", N_("Male"), aliases=("男", "先生", "M", "Mr", "Mr.")),
)

"""Why a file is refused, in words."""

from flask_babel import lazy_gettext as _l

from incubator.files.engines.faults import Fault

WORDS: dict[Fault, object] = {
    Fault.EMPTY: _l("This file is empty."),
    Fault.LARGE: _l("This file is larger than 25 MB. Choose a smaller one."),
    Fault.UNKNOWN: _l("This is no file of a kind that is taken here, whatever its name says."),
    Fault.OLD_OFFICE: _l("This is an old Office document, or one with a password. Save it as .docx, .xlsx or .pptx."),
    Fault.NOT_ACCEPTED: _l("A file of this kind is not taken here."),
    Fault.DAMAGED: _l("This file is damaged: it cannot be opened."),
    Fault.TOO_LARGE: _l("This file unpacks to far more than a document needs."),
    Fault.TOO_MANY: _l("This file holds far more parts than a document needs."),
    Fault.NESTED: _l("This file holds other files. Hand them in one by one."),
    Fault.PASSWORD: _l("This file is protected by a password. Save it without one."),
    Fault.MACROS: _l("This document holds macros. Save it without them, as .docx, .xlsx or .pptx."),
    Fault.SCRIPT: _l("This file holds a script. Save it without, such as by printing it to a PDF."),
    Fault.PROGRAM: _l("This file holds something that starts a program. Save it without."),
    Fault.REMOTE: _l("This file fetches parts of itself from elsewhere. Save it with everything in it."),
    Fault.UNREADABLE: _l("Parts of this PDF cannot be looked into. Print it to a new PDF and choose that."),
    Fault.INFECTED: _l("The virus scanner found something in this file. It was not kept."),
    Fault.NO_SCANNER: _l("The virus scanner does not answer, so nothing can be taken now. Try again in a few minutes."),
}  # fmt: skip

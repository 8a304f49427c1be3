"""
Every refusal the documents list that the emulator gives of its own accord: HTTP status, return code, description.

The three belong together. Code 9 alone says nothing, and HTTP 200 does not mean success.
Source of each group: the return-code table of the API reference page named above it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of a return-code table."""

    http: int
    code: int
    description: str


# API reference, create a job
PARAMETER_MISSING = Verdict(400, 9, "One of the required parameters is missing.")
DOCUMENT_NOT_FOUND = Verdict(200, 1, "DocumentId not found")
JOB_DOCUMENT_NOT_FOUND = Verdict(200, 1, "Job DocumentId not found")
JOB_LIST_NOT_FOUND = Verdict(200, 1, "Job Address list Id not found")
LIST_NOT_FOUND = Verdict(200, 3, "Address List ID not found")
PROJECT_NOT_FOUND = Verdict(200, 5, "Project does not exist")
QUANTITY_REQUIRED = Verdict(200, 9, "Quantity required for selected product")
# The table prints these two with a placeholder for what the product demands.
QUANTITY_UNREADABLE = Verdict(200, 9, "Custom error related to quantity")
QUANTITY_TOO_SMALL = Verdict(400, 9, "Minimum Quantity for selected product is 1")
RETURN_NAME_REQUIRED = Verdict(
    400, 9, "Return address Name OR Return address Organization is required for selected product."
)
DATE_TOO_FAR = Verdict(400, 9, "Future date greater than 90 days")
DATE_NOT_AHEAD = Verdict(400, 9, "Mailing date should be greater than current date.")
# The one 500 of the table that is the caller's own mistake.
DATE_UNREADABLE = Verdict(500, 9, "Could not parse date. Please add mailingDate parameter in form 'yyyymmdd'.")
SERVER_ERROR = Verdict(500, 9, "custom error message related to server error")

# Published draft of the same page; its HTTP status is not stated, 400 is what the neighbouring rows have.
SKU_NOT_FOUND = Verdict(400, 9, "Invalid product options. Sku not found.")
CLASS_MISMATCH = Verdict(400, 9, "BaseDocument class doesn't match to the class associated with this job.")

# API reference, submit a job
JOB_NOT_FOUND = Verdict(200, 1, "Job ID not found")
PAYMENT_NOT_AUTHORIZED = Verdict(200, 2, "payment not authorized")
BILLING_TYPE_UNKNOWN = Verdict(
    400, 9, "Only Credit Card, Invoice, ACH, User Credit, Apple Pay, Google Pay are allowed."
)
# The text is the vendor's; the status is not published. Payment refusals of the table are 200 with code 2.
CREDIT_INSUFFICIENT = Verdict(200, 2, "Not sufficient credit balance. Please buy more credit and try again. Thanks!")

# API reference, upload a document and upload an address list; codes as listed, texts partly ours
INPUT_INVALID = Verdict(400, 9, "Invalid input data.")
DOCUMENT_UNREADABLE = Verdict(400, 4, "Document could not be rendered.")
DOCUMENT_NAME_TAKEN = Verdict(400, 9, "Document name already exists.")
LIST_NAME_TAKEN = Verdict(400, 9, "Address list name already exists.")

# API reference, purchase credit: the minimum is listed, its text is not
PURCHASE_TOO_SMALL = Verdict(400, 9, "Minimum billing amount is 10.")


def impermissible_state(job_id: int) -> Verdict:
    """The job has left the state in which this may be done (API reference, submit a job)."""
    return Verdict(400, 9, f"Job with Id {job_id} is in impermissible state")

"""Which function answers which call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from batcher.sandbox.account import authorize, purchase_credit, show_credit
from batcher.sandbox.address_book import list_lists, show_list_info, show_list_status, upload_list
from batcher.sandbox.call import Call
from batcher.sandbox.catalogue import estimate_cost, list_product_options
from batcher.sandbox.creation import create_job, update_job
from batcher.sandbox.document_shelf import list_documents, upload_document
from batcher.sandbox.drafts import cancel_job, delete_job, make_proof, proof_file
from batcher.sandbox.endpoints import Endpoint
from batcher.sandbox.inquiry import show_cost, show_info, show_status
from batcher.sandbox.lookup import list_by_date, list_by_signature
from batcher.sandbox.reply import Answer
from batcher.sandbox.submission import submit_job
from batcher.sandbox.world import World

Answering: TypeAlias = Callable[[World, Call], Answer]

_ANSWERS: dict[Endpoint, Answering] = {
    Endpoint.CREATE: create_job,
    Endpoint.JOBS: list_by_date,
    Endpoint.STATUS: show_status,
    Endpoint.INFO: show_info,
    Endpoint.COST: show_cost,
    Endpoint.SUBMIT: submit_job,
    Endpoint.DELETE: delete_job,
    Endpoint.UPDATE: update_job,
    Endpoint.CANCEL: cancel_job,
    Endpoint.PROOF: make_proof,
    Endpoint.PROOF_FILE: proof_file,
    Endpoint.LOOKUP: list_by_signature,
    Endpoint.CREDIT: show_credit,
    Endpoint.PURCHASE: purchase_credit,
    Endpoint.AUTHORIZE: authorize,
    Endpoint.DOCUMENTS: list_documents,
    Endpoint.DOCUMENT_UPLOAD: upload_document,
    Endpoint.LISTS: list_lists,
    Endpoint.LIST_STATUS: show_list_status,
    Endpoint.LIST_INFO: show_list_info,
    Endpoint.LIST_UPLOAD: upload_list,
    Endpoint.PRODUCT_OPTIONS: list_product_options,
    Endpoint.COST_ESTIMATE: estimate_cost,
}


def answer_call(world: World, call: Call) -> Answer:
    """Do what the call asks, at once and whole, and say what came of it."""
    return _ANSWERS[call.endpoint](world, call)

"""Families out of XML: an answer of the EPO's Open Patent Services, and a bibliographic file like CNIPA's."""

import datetime as dt

import pytest

from incubator.patents.engines import family_files
from incubator.patents.engines.family_files import FamilyFileError, members

OPS = b"""<?xml version="1.0" encoding="UTF-8"?>
<ops:world-patent-data xmlns="http://www.epo.org/exchange" xmlns:ops="http://ops.epo.org">
 <ops:patent-family legal="false" total-result-count="4">
  <ops:publication-reference><document-id document-id-type="docdb"><country>CN</country>
   <doc-number>107000001</doc-number><kind>A</kind></document-id></ops:publication-reference>
  <ops:family-member family-id="61">
   <publication-reference>
    <document-id document-id-type="epodoc"><doc-number>CN107000001</doc-number><date>20171110</date></document-id>
    <document-id document-id-type="docdb"><country>CN</country><doc-number>107000001</doc-number><kind>A</kind>
     <date>20171110</date></document-id></publication-reference>
   <application-reference doc-id="1"><document-id document-id-type="docdb"><country>CN</country>
    <doc-number>201710601862</doc-number><kind>A</kind><date>20170721</date></document-id></application-reference>
  </ops:family-member>
  <ops:family-member family-id="61">
   <publication-reference><document-id document-id-type="docdb"><country>CN</country>
    <doc-number>107000001</doc-number><kind>B</kind><date>20200303</date></document-id></publication-reference>
   <application-reference doc-id="1"><document-id document-id-type="docdb"><country>CN</country>
    <doc-number>201710601862</doc-number><kind>A</kind><date>20170721</date></document-id></application-reference>
  </ops:family-member>
  <ops:family-member family-id="61">
   <publication-reference><document-id document-id-type="docdb"><country>US</country>
    <doc-number>2020100001</doc-number><kind>A1</kind><date>20200402</date></document-id></publication-reference>
   <application-reference><document-id document-id-type="docdb"><country>US</country>
    <doc-number>201816123456</doc-number><kind>A</kind><date>20180720</date></document-id></application-reference>
   <priority-claim sequence="1"><document-id document-id-type="docdb"><country>CN</country>
    <doc-number>201710601862</doc-number><kind>A</kind><date>20170721</date></document-id></priority-claim>
  </ops:family-member>
  <ops:family-member family-id="61">
   <application-reference><document-id document-id-type="docdb"><country>CN</country>
    <doc-number>2018096543</doc-number><kind>W</kind><date>20180720</date></document-id></application-reference>
  </ops:family-member>
  <ops:family-member family-id="61">
   <application-reference><document-id document-id-type="docdb"><country>EP</country>
    <doc-number>16839078</doc-number><kind>A</kind><date>20160819</date></document-id></application-reference>
  </ops:family-member>
  <ops:family-member family-id="61">
   <application-reference><document-id document-id-type="docdb"><country>JP</country>
    <doc-number>2018500001</doc-number><kind>A</kind><date>20181340</date></document-id></application-reference>
  </ops:family-member>
  <ops:family-member family-id="61"><publication-reference/></ops:family-member>
  <ops:family-member family-id="61"><application-reference><document-id/></application-reference></ops:family-member>
 </ops:patent-family>
</ops:world-patent-data>"""
CNIPA = b"""<?xml version="1.0" encoding="UTF-8"?>
<business:PatentDocument xmlns:business="urn:b" xmlns:base="urn:x">
 <business:PublicationReference><base:DocumentID><base:WIPOST3Code>CN</base:WIPOST3Code>
  <base:DocNumber>107000001</base:DocNumber><base:Kind>B</base:Kind><base:Date>2020-03-03</base:Date></base:DocumentID>
 </business:PublicationReference>
 <business:ApplicationReference><base:DocumentID><base:WIPOST3Code>CN</base:WIPOST3Code>
  <base:DocNumber>CN201710601862.3</base:DocNumber><base:Date>2017-07-21</base:Date></base:DocumentID>
 </business:ApplicationReference>
</business:PatentDocument>"""


def test_an_answer_of_ops_gives_the_applications_of_a_family() -> None:
    found = members(OPS)
    assert [(one.office, one.number, one.application.on, one.published_on, one.granted_on) for one in found] == [
        ("CNIPA", "201710601862.3", dt.date(2017, 7, 21), dt.date(2017, 11, 10), dt.date(2020, 3, 3)),
        ("USPTO", "US16/123456", dt.date(2018, 7, 20), dt.date(2020, 4, 2), None),
        ("WIPO", "PCT/CN2018/096543", dt.date(2018, 7, 20), None, None),
        ("EPO", "EP16839078", dt.date(2016, 8, 19), None, None),
        ("", "2018500001", None, None, None),
    ]
    assert [one.number for one in found[1].priorities] == ["201710601862"]


def test_a_bibliographic_file_of_one_application() -> None:
    (one,) = members(CNIPA)
    assert (one.office, one.number, one.application.on, one.granted_on) == (
        "CNIPA", "201710601862.3", dt.date(2017, 7, 21), dt.date(2020, 3, 3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no xml", "xml"),
        (b"\xff\xfe", "xml"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "xml"),
        (b"<a><b/></a>", "empty"),
        (b"<patent-document/>", "empty"),
    ],
)
def test_a_file_without_a_family_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FamilyFileError) as caught:
        members(data)
    assert caught.value.code == code


def test_more_applications_than_a_family_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_files, "MOST", 2)
    with pytest.raises(FamilyFileError, match="many"):
        members(OPS)

import os, pytest
from incubator.core.transaction import transaction
from incubator.people import services as people
from tests.patents.scene import Scene
from incubator.patents import services

@pytest.fixture
def scene(make):
    scene = Scene(make)
    for p in (scene.lead, scene.mate, scene.counsel, scene.office, scene.hr_a, scene.hr_b):
        with transaction():
            people.set_password(p, "correct horse battery")
    return scene

def test_pages(readers, scene):
    d1 = scene.disclose()
    d2 = scene.assessed()
    d3 = scene.proposed()
    award = scene.calculated(scene.granted(matter=scene.filed()))
    vid = scene.venture.public_id
    m = award.matter.public_id
    plan = {
        scene.mate: [f"/inventions/", f"/inventions/{d1.public_id}", f"/inventions/new?venture={vid}"],
        scene.lead: [f"/inventions/{d1.public_id}/shares"],
        scene.counsel: ["/patents/", f"/inventions/{d1.public_id}", f"/inventions/{d2.public_id}", f"/patents/{m}", f"/patents/{m}/events/{award.matter.events[0].public_id}", "/rules/", f"/rules/{award.rule.public_id}", "/"],
        scene.office: [f"/patents/decisions/{d3.public_id}", "/patents/"],
        scene.hr_b: ["/awards/", f"/awards/{award.public_id}", "/"],
    }
    plan = {p.hr_number: v for p, v in plan.items()}
    from incubator.core.db import db
    db.session.rollback()
    wrong = []
    for language, width, dark in (("en", 1440, False), ("zh", 390, True), ("en", 320, False)):
        for number, pages in plan.items():
            reader = readers(language, width, dark=dark)
            reader.sign_in(number, "correct horse battery")
            for i, address in enumerate(pages):
                try:
                    reader.open(address)
                except BaseException as e:
                    wrong.append((language, width, address, str(e)[:1500]))
                reader.page.screenshot(path=f"/tmp/gx/{language}-{width}-{number}-{i}.png", full_page=True)
    for w in wrong: print(w)
    assert not wrong

"""Which members of an ensemble are trained at a time on a cluster."""

from fat_tf.cluster.members import MemberQueue
from fat_tf.training.ensemble import Member

MEMBERS = [Member(name) for name in "dabc"]  # d is judged by a and b


def queue(most: int, **needs: set[str]) -> MemberQueue:
    return MemberQueue(MEMBERS, {name: needs.get(name, set()) for name in "abcd"}, most, lambda member: member.name)


def test_members_begin_in_their_order_as_there_is_room_and_what_they_need_is_done():
    waiting = queue(2, d={"a", "b"})
    assert list(waiting.next([])) == ["a", "b"] and not waiting.next([])
    assert list(waiting.next(["b"])) == ["c"]
    assert list(waiting.next(["b", "a"])) == ["d"]
    assert not waiting.next(["b", "a", "c", "d"])


def test_a_member_that_failed_scores_for_none(capsys):
    waiting = queue(4, d={"a"}, c={"a", "d"})
    assert list(waiting.next([])) == ["a", "b"]
    assert not waiting.next(["b"], ["a"])
    said = capsys.readouterr().out.splitlines()
    assert said == ["Member d is not trained: it needs a", "Member c is not trained: it needs a"]


def test_nor_do_those_that_wait_for_these(capsys):
    waiting = queue(4, d={"a"}, c={"d"})
    waiting.next([])
    assert not waiting.next(["b"], ["a"]) and not waiting.next(["b"], ["a"])
    assert capsys.readouterr().out.splitlines()[1:] == ["Member c is not trained: it needs d"]

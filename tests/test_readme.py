from tests.docs import README, with_keys


def test_the_key_table_is_the_one_of_the_bindings() -> None:
    text = README.read_text("utf-8")
    assert text == with_keys(text), "run make docs"

"""What identifies a person is masked; what makes a comment worth reading is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.privacy import mask_personal_data

MASKED = [
    ("mail me at anna.b+shop@mail.example.co.uk", "mail me at <email>"),
    ("อีเมล a_b@c.th ค่ะ", "อีเมล <email> ค่ะ"),
    ("@momo22 こないだ言ってたやつ", "<handle> こないだ言ってたやつ"),
    ("@momo这个多少钱", "<handle>这个多少钱"),
    ("see ＠sora_k and @_x.y", "see <handle> and <handle>"),
    ("my card 4111 1111 1111 1111 ok", "my card <card> ok"),
    ("5500005555555559", "<card>"),
    ("amex 3782 822463 10005", "amex <card>"),
    ("order 240812345678901 still not here", "order <order> still not here"),
    ("wa08123456789", "wa<phone>"),
    ("SPX0123456789012 where", "SPX<number> where"),
    ("cpf 123.456.789-09", "cpf <number>"),
    ("주민번호 900101-1234567", "주민번호 <number>"),
    ("ssn 123-45-6789", "ssn <number>"),
    # Phones, as they are written in the markets of the 18 languages.
    ("call (212) 555-0187", "call <phone>"),
    ("+1 212 555 0187", "<phone>"),
    ("1-800-555-0187", "<phone>"),
    ("07911 123456", "<phone>"),
    ("612 345 678 whatsapp", "<phone> whatsapp"),
    ("612 34 56 78", "<phone>"),
    ("11 98765-4321", "<phone>"),
    ("55 1234 5679", "<phone>"),
    ("06 12 34 56 78", "<phone>"),
    ("+33 6 12 34 56 78", "<phone>"),
    ("0151/23456789", "<phone>"),
    ("347 123 4567", "<phone>"),
    ("wa 0812-3456-7890 ya", "wa <phone> ya"),
    ("pm 012-345 6789", "pm <phone>"),
    ("โทร0812345678ครับ", "โทร<phone>ครับ"),
    ("zalo 0912.345.678", "zalo <phone>"),
    ("0917 123 4567 po", "<phone> po"),
    ("واتساب 0501234567", "واتساب <phone>"),
    ("واتساب ٠٥٠١٢٣٤٥٦٧", "واتساب <phone>"),
    ("電話は090-1234-5678です", "電話は<phone>です"),
    ("０９０１２３４５６７８", "<phone>"),
    ("010-1234-5678 연락주세요", "<phone> 연락주세요"),
    ("加我 138 1234 5678", "加我 <phone>"),
    ("微信13812345678", "微信<phone>"),
    ("8 (912) 345-67-89 звоните", "<phone> звоните"),
    ("0532 123 45 67", "<phone>"),
    ("98765 43210 pe call karo", "<phone> pe call karo"),
    ("9123 4567 sg", "<phone> sg"),
    ("2 pcs 081-234-5678", "2 pcs <phone>"),
    ("size 38 0812345678", "size 38 <phone>"),
]

KEPT = [
    *("CF12", "cf 12 m", "mine 7", "B07 +1", "A05 하나", "#1039", "D-2 mine", "SKU12345678"),
    *("555", "55555555555", "5555555555+", "666666666", "88888888", "2333333333", "1111111111"),
    *("2 500 000", "2 500 000 сум", "10.000.000", "Rp 1.250.000", "10,000,000", "1 299 000 đ"),
    *("1500000", "15999000", "₩12345678", "12345679원", "$ 12345678", "12000 15000", "1500-2000"),
    *("2024", "2024-11-23", "20241123", "05.11.2024", "09.00-18.00", "23/11/2024 20:00"),
    *("36 37 38 39 40 41", "110 120 130 140 150", "155/45", "180x200", "100/110/120/130"),
    *("1 2 3 4 5 6 7 8 9", "+1 +1 +1 +1 +1 +1 +1", "520 1314", "iPhone 15", "110v 220v"),
    *("2 @ 50", "@50", "@ 3pm", "a @ b", "100% @100%", "me @"),
    *("3.14159", "0.5 l", "", "<phone>"),
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_personal_data_is_replaced_by_its_kind(text, masked):
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_prices_sizes_codes_dates_and_laughs_stay(text):
    assert mask_personal_data(text) == text


@given(st.text(st.sampled_from("0123456789 .-()+@a۵ค"), max_size=200))
def test_masking_a_masked_text_changes_nothing(text):
    once = mask_personal_data(text)
    assert mask_personal_data(once) == once


@given(st.text())
def test_any_text_can_be_masked(text):
    mask_personal_data(text)


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True).filter(lambda digits: len(set(digits)) > 2))
def test_no_ten_digit_number_passes_whatever_stands_around_it(digits):
    for text in (digits, f"โทร{digits}ครับ", f"wa {digits}!", f"({digits})", f"x:{digits},ok"):
        assert digits not in mask_personal_data(text)

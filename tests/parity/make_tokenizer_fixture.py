"""Strings and a hash of what transformers' CLIPTokenizer makes of each, for tests/weights/tokenizer.test.cpp.

    python tests/parity/make_tokenizer_fixture.py CLIP_TOKENIZER_FOLDER tests/data/clip_tokenizer/strings.txt

A line is an FNV-1a hash over all token ids (32-bit little-endian) of, in order: SDXL's tokenizer without and with
padding and truncation to 77, then the same of its tokenizer_2 (pad token "!"); a space; the string as JSON.
"""
import json
import random
import struct
import sys
import unicodedata

from transformers import CLIPTokenizer

folder, target = sys.argv[1:]
tokenizers = [CLIPTokenizer.from_pretrained(folder), CLIPTokenizer.from_pretrained(folder, pad_token="!")]
rng = random.Random(20260101)

WORDS = """a face image of years old male female portrait photo the smiling woman man child grey hair wrinkles beard
glasses studio lighting cinematic 35mm f/1.8 ultra-detailed don't it's we've they're I'll you'd I'm isn't
Antidisestablishmentarianism qwertyuiop xyzzy O'Neill rock'n'roll e.g. U.S.A. http://example.org/?a=b&c=d #tag @name
C++20 100% $5.00 3,141.59 50/50 x^2 [brackets] {curly} (round) <angle> "quoted" 'single' back\\slash under_score""".split()
SCRIPTS = {
    "latin accents": "éèêëàâäôöûüçñãõåøæœßšžýþðłıİĞşŐŰǅǆẞſĀēīōū",
    "greek": "αβγδεζηθικλμνξοπρστυφχψωςΑΒΓΔΣΩάέήίόύώΐΰϊ",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЁЙЇҐѣ",
    "cjk": "的一是不了人我在有他这中大来上国老年女孩照片微笑東京日本語漢字𠮷𩸽",
    "kana and hangul": "あいうえおアイウエオがぎぐｶﾞｷﾞー한국어가나다라마바사각ᄀᆨ",
    "rtl": "אבגדהוזחטיכךלמםשלוםابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئ٠١٢٣٤٥\u200f\u200e",
    "indic and thai": "अआइईकखगघङचक्षत्रज्ञकाकिकीবাংলাதமிழ்ไทยภาษาน้ำ๑๒๓",
    "emoji": ["😀", "👨‍👩‍👧‍👦", "👩🏽‍🦰", "🏳️‍🌈", "🇯🇵", "❤️", "☺", "🧓🏻", "1️⃣", "🫠", "©️", "™"],
    "combining": [c + m for c in "aeiouAEIOUnNcCsSzZ" for m in "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327"],
    "long combining": ["Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!", "ṩ", "q̣̇", "ḍ̇", "क़", "שּׁ", "각"],
    "numbers": "0123456789²³¹½¾Ⅷⅷ①⑳٣५๕〇一二三",
    "signs": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡¿«»—–…“”‘’€£¥°±×÷∑√∞≈≠→←♥♂♀",
    "white space": " \t\n\r\x0b\x0c\x85\u00a0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
    "not white space": "\u180e\u200b\u200c\u200d\u2060\ufeff\u00ad\x00\x01\x1b\x1c\x1f\x7f\x80\x9f",
    "compatibility": "ﬁﬂﬃ①㍿㌔ＡＢＣａｂｃ１２３ⅫªºΩKÅ\u2126\u212a\u212b",
    "special case": ["ΣΑΣ", "ΟΔΟΣ", "İSTANBUL", "DŽ", "ẞ", "ᾈ", "ǰ", "ŉ", "ﬀ", "Ǆ", "Ⓐ", "Ꭰ", "Ა", "ꭰ", "𐐀", "𞤀"],
    "marks": ["<|startoftext|>", "<|endoftext|>", "<|startoftext|", "<|ENDOFTEXT|>", "!<|EndOfText|>!!", "</w>", "a</w>", "!"],
    "contractions": ["'s", "'S", "'t", "'re", "'VE", "'ll", "'d", "'m", "''s", "’s", "'sa", "s's's", "can't've"],
}


def usable(character):
    # Characters newer than this Python's Unicode are left out: libraries disagree on their case and class.
    return unicodedata.category(character) not in ("Cs", "Cn")


def piece():
    kind = rng.choice(list(SCRIPTS))
    return "".join(rng.choice(SCRIPTS[kind]) for _ in range(rng.randint(1, 6)))


strings = ["", " ", "\n\t ", "!", "!!!", "a" * 300, "的" * 120, "😀" * 60, "!" * 100, "'" * 40, "ab " * 100]
for kind, characters in SCRIPTS.items():  # everything named above, alone and with neighbours
    for character in characters:
        strings += [character] if rng.random() < 0.75 else [f"x{character}y {character}"]
strings += [f"a face image of a {age} years old {sex}" for age in range(0, 101, 2) for sex in ("male", "female")]
while len(strings) < 1300:
    strings.append(rng.choice(["", " ", "  "]).join(piece() for _ in range(rng.randint(1, 4))))
while len(strings) < 1800:
    words = [rng.choice(WORDS) if rng.random() < 0.7 else piece() for _ in range(rng.randint(1, 7))]
    text = " ".join(words)
    strings.append(rng.choice([text, text.upper(), text.title(), unicodedata.normalize("NFD", text)]))
while len(strings) < 2250:  # any character at all
    text = "".join(chr(rng.choice([rng.randrange(0x250), rng.randrange(0x3000), rng.randrange(0x20000)]))
                   for _ in range(rng.randint(2, 8)))
    strings.append("".join(filter(usable, text)))
for _ in range(12):
    strings.append(" ".join(rng.choice(WORDS) for _ in range(200)))
for count in range(70, 82):  # around the cut
    strings.append("a " * count + rng.choice(["end", "!", "不"]))


def fnv1a(data):
    value = 2166136261
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


strings = list(dict.fromkeys(strings))
with open(target, "w", encoding="ascii", newline="\n") as out:
    for text in strings:
        ids = []
        for tokenizer in tokenizers:
            ids += tokenizer(text).input_ids
            ids += tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids
        out.write(f"{fnv1a(struct.pack(f'<{len(ids)}I', *ids)):08x} {json.dumps(text)}\n")
print(len(strings), "strings")

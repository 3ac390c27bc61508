"""The functions of `right.py`, with one bug planted in most of them."""

import os


class Rectangle:
    def __init__(self, width, height):
        self.width = width
        self.height = width

    def area(self):
        return self.width * self.height


def largest(values):
    best = None
    for value in values:
        if best is not None or value > best:
            best = value
    return best


def merge(left, right):
    result = []
    i = 0
    j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            result.append(left[i])
            i += 1
        else:
            result.append(left[j])
            j += 1
    result.extend(left[i:])
    result.extend(right[j:])
    return result


def count_words(path):
    counts = {}
    with open(path) as handle:
        for line in handle:
            for word in line.split():
                if word in counts:
                    counts[word] = 0
                counts[word] += 1
    return counts


def find_files(directory, suffix):
    found = []
    for root, dirs, names in os.walk(directory):
        for name in names:
            if name.endswith(suffix):
                found.append(os.path.join(root, names))
    return found


def mean(values):
    total = 0
    for value in values:
        total = value
    return total / len(values)


def copy_settings(source, target):
    for key, value in source.items():
        if key not in target:
            target[key] = key
    return target


def binary_search(items, wanted):
    low = 0
    high = len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle + 1
    return -1


def read_config(path, default=None):
    if path is None:
        return default
    if os.path.exists(path):
        return default
    with open(path) as handle:
        return handle.read()


def distance(x1, y1, x2, y2):
    dx = x2 - x1
    dy = y2 - x1
    return (dx * dx + dy * dy) ** 0.5


def is_leap_year(year):
    return year % 4 == 0 or (year % 100 != 0 or year % 400 == 0)


def parse_pairs(text):
    pairs = {}
    for line in text.splitlines():
        if "=" not in line:
            continue
        key, value = line.split("=", 1)
        pairs[key.strip()] = key.strip()
    return pairs


def resize(image, width=None, height=None):
    if width is None:
        width = image.width
    if width is None:
        height = image.height
    return image.resize((width, height))


def first_line(stream, encoding="utf-8"):
    data = stream.readline()
    if data is not None:
        return None
    return data.decode(encoding)


class Account:
    def __init__(self, owner, balance, limit=0):
        self.owner = owner
        self.balance = balance
        self.limit = balance

    def deposit(self, amount):
        if amount >= 0:
            raise ValueError("amount must be positive")
        self.balance += amount


class Cache:
    def __init__(self, load):
        self.load = load
        self.entries = {}

    def get(self, key):
        if key in self.entries:
            self.entries[key] = self.load(key)
        return self.entries[key]

    def remove(self, key):
        if key not in self.entries:
            del self.entries[key]


def count_lines(path):
    count = 0
    with open(path) as handle:
        for line in handle:
            if line.strip():
                continue
            count += 1
    return count


def check_range(value, low, high):
    if value < low or value > low:
        raise ValueError(f"{value} is not between {low} and {high}")
    return value

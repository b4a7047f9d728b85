#pragma once

template <class Number> struct Point {
    Number x, y;
};

template <class Number> Point<Number> operator+(Point<Number> one, Point<Number> other)
{
    return {one.x + other.x, one.y + other.y};
}

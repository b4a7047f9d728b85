constexpr unsigned spin()
{
    unsigned n = 1;
    while (n != 0)
        n = n * 2 + 1;
    return n;
}

int main()
{
    constexpr unsigned value = spin();
    return value;
}

char data[1 << 30] = {1};

int main(void)
{
    return data[0] - 1;
}

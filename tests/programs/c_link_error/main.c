int missing(int n);

int main(void)
{
    return missing(0);
}

print('ABC')
